using System.Collections.Concurrent;
using SessionStores.Conformance;
using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>What a store logs.</summary>
public sealed class LogTests(RedisFixture fixture)
{
    [Fact]
    public async Task Records_that_are_skipped_are_counted_once_in_each_listing()
    {
        var lines = new ConcurrentQueue<string>();
        await fixture.BackendAsync();
        await using var store = (RedisStore)await fixture.CreateStoreAsync("log-skipped", new StoreSettings { Log = lines.Enqueue });
        var database = (await fixture.ConnectionAsync()).GetDatabase();
        foreach (var id in new[] { "good", "text", "hash" })
            await store.SetAsync(id, Of("{}", "ann"));

        await database.StringSetAsync("log-skipped:text", "not json");
        await database.KeyDeleteAsync("log-skipped:hash");
        await database.HashSetAsync("log-skipped:hash", "data", "x");

        Assert.Equal(["good"], (await AllOf(store.AllAsync())).Select(record => record.Id));
        Assert.Equal(["good"], (await AllOf(store.ListBySubjectAsync("ann"))).Select(record => record.Id));

        Assert.Equal(Enumerable.Repeat("Skipped 2 records that cannot be read while listing sessions.", 2), lines.Select(line => line.Trim()));
    }
}
