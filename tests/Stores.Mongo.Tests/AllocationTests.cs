using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo.Tests;

/// <summary>What the store allocates for a call, beyond what the driver does for the same command. The reply comes on other threads, so the
/// whole process is measured: no other test runs concurrently, and of several rounds the least counts.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests(MongoFixture fixture) : MongoTest(fixture)
{
    private const int Calls = 100;
    private const int Rounds = 25;

    [Fact]
    public async Task A_read_allocates_little_more_than_the_find()
    {
        var store = Open();
        await store.CreateAsync("a", Content());
        var reads = new List<long>();
        var finds = new List<long>();
        for (var round = 0; round < Rounds; round++)
        {
            reads.Add(await MeasureAsync(async () => Assert.NotNull(await store.GetAsync("a"))));
            finds.Add(await MeasureAsync(async () =>
            {
                var live = new BsonArray { new BsonDocument("expires", new BsonDocument("$exists", false)), new BsonDocument("expires", new BsonDocument("$gt", Start.UtcDateTime)) };
                using var cursor = await Collection.FindAsync(new BsonDocument { { "_id", "a" }, { "$or", live } }, new FindOptions<BsonDocument> { Limit = -1 });
                Assert.NotNull(await cursor.FirstOrDefaultAsync());
            }));
        }

        var more = reads.Min() - finds.Min();
        Assert.True(more <= 2500, $"A read allocates {more} bytes more than the find, which allocates {finds.Min()}.");
    }

    private static async Task<long> MeasureAsync(Func<Task> call)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var count = 0; count < Calls; count++)
            await call();

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / Calls;
    }
}
