using System.Security.Cryptography;
using System.Text;
using MongoDB.Bson;

namespace SessionStores.Mongo.Tests;

public sealed class HousekeepingTests(MongoFixture fixture) : MongoTest(fixture)
{
    [Theory]
    [InlineData(AutoRemove.Native, true)]
    [InlineData(AutoRemove.Interval, false)]
    [InlineData(AutoRemove.Disabled, true)]
    public void The_host_prunes_only_with_an_interval(AutoRemove autoRemove, bool prunesItself) =>
        Assert.Equal(prunesItself, Open(options => options.AutoRemove = autoRemove).PrunesItself);

    [Fact]
    public async Task A_prune_goes_in_batches_and_counts()
    {
        var store = Open();
        for (var n = 0; n < 25; n++)
            await store.CreateAsync($"a{n}", Content(minutes: n < 23 ? -1 : 100));

        var removed = await store.PruneAsync(10);

        Assert.Equal(23, removed);
        Assert.Equal(2, await Collection.CountDocumentsAsync(new BsonDocument()));
    }

    [Fact]
    public async Task A_transformed_id_is_what_is_stored_and_the_id_is_not()
    {
        var store = Open(options => options.TransformId = Hash);
        await store.CreateAsync("a", Content(subject: "u"));
        await store.CreateAsync("b", Content(subject: "u"));

        Assert.Equal("a", (await store.GetAsync("a"))!.Id);
        Assert.NotNull(await StoredAsync(Hash("a")));
        Assert.Null(await StoredAsync("a"));
        Assert.Equal(1, await store.DestroyBySubjectAsync("u", ["a"]));
        Assert.Equal([Hash("a")], await store.AllAsync().Select(record => record.Id).ToListAsync());
        Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync("a", "c", SessionVersion.Any, Content())).Status);
        Assert.NotNull(await StoredAsync(Hash("c")));
        Assert.True(await store.DestroyAsync("c"));

        static string Hash(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
    }

    [Fact]
    public async Task A_touch_and_a_slide_are_left_out_until_TouchAfter_has_passed()
    {
        var store = Open(options => options.TouchAfter = TimeSpan.FromMinutes(100));
        await store.CreateAsync("a", Content(minutes: 60));
        var slide = new SlidingExpiry(TimeSpan.FromDays(1), In(200));

        Assert.True(await store.TouchAsync("a", In(100)));
        Assert.Equal(In(60), (await store.GetAsync("a", slide))!.ExpiresAt);

        await AgeAsync("a", "lastModified", 100);
        Assert.True(await store.TouchAsync("a", In(100)));
        Assert.Equal(In(100), (await store.GetAsync("a", slide))!.ExpiresAt);

        await AgeAsync("a", "lastModified", 100);
        Assert.Equal(In(200), (await store.GetAsync("a", slide))!.ExpiresAt);
        Assert.False(await store.TouchAsync("none", In(100)));
    }

    [Fact]
    public async Task CreatedAt_stays_and_updatedAt_follows()
    {
        var store = Open(options => options.Timestamps = true);
        await store.CreateAsync("a", Content());
        await store.SetAsync("s", Content());
        foreach (var id in new[] { "a", "s" })
        {
            await AgeAsync(id, "createdAt", 60);
            await AgeAsync(id, "updatedAt", 60);
        }

        await store.SetAsync("a", Content());
        await store.TouchAsync("s", In(100));
        await store.RotateAsync("s", "t", SessionVersion.Any, Content());

        foreach (var id in new[] { "a", "t" })
        {
            var stored = (await StoredAsync(id))!;
            Assert.InRange(stored["createdAt"].ToUniversalTime(), Start.AddMinutes(-61).UtcDateTime, Start.AddMinutes(-30).UtcDateTime);
            Assert.InRange(stored["updatedAt"].ToUniversalTime(), Start.AddMinutes(-1).UtcDateTime, Start.AddMinutes(30).UtcDateTime);
        }
    }

    [Fact]
    public async Task A_slide_that_finds_another_payload_returns_it_and_moves_nothing()
    {
        var store = Open();
        await store.CreateAsync("a", Content());
        var writer = Open();
        var once = new OnceBeforeDecryption(async () => await writer.SetAsync("a", Content("""{"cookie":{},"__absolute":1}""", minutes: 30)));
        var encryptedJson = await once.EncryptAsync(Encoding.UTF8.GetBytes(Json));
        await ConnectMongo.SetAsync(Collection, "a", encryptedJson, In(20));
        var reader = Open(options => options.Decryption.Add(once));

        var record = await reader.GetAsync("a", new SlidingExpiry(TimeSpan.FromHours(1), In(120)));

        Assert.Equal("""{"cookie":{},"__absolute":1}""", Text(record));
        Assert.Equal(In(30), record!.ExpiresAt);
        Assert.Equal(In(30), (await store.GetAsync("a"))!.ExpiresAt);
    }

    /// <summary>Does something between the two commands of a sliding read.</summary>
    private sealed class OnceBeforeDecryption(Func<Task> action) : IMongoSessionEncryption
    {
        public ValueTask<string> EncryptAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) => new("#" + Convert.ToBase64String(payload.Span));

        public async ValueTask<ReadOnlyMemory<byte>> DecryptAsync(string text, CancellationToken cancellationToken = default)
        {
            await action();
            return Convert.FromBase64String(text[1..]);
        }
    }
}
