using System.Diagnostics;
using MongoDB.Bson;
using SessionStores.Backends;

namespace SessionStores.Mongo.Tests;

/// <summary>More calls at once than the pool of the driver has connections.</summary>
public sealed class PoolTests(MongoFixture fixture) : MongoTest(fixture)
{
    [Fact]
    public async Task Calls_that_find_no_free_connection_wait_for_one()
    {
        await Open().CreateAsync("a", Content());
        await using var store = Pooled(Fixture.Backend.ConnectionString, "maxPoolSize=2");

        var records = await Task.WhenAll(Enumerable.Range(0, 600).Select(_ => Task.Run(async () => await store.GetAsync("a"))));

        Assert.All(records, Assert.NotNull);
    }

    [Fact]
    public async Task A_wait_for_a_connection_ends_with_the_time_of_the_call()
    {
        await using var proxy = TcpFault.Start(Fixture.Backend.Server);
        await using var store = Pooled($"mongodb://{proxy.Host}:{proxy.Port}/?directConnection=true", "maxPoolSize=1", TimeSpan.FromSeconds(1));
        await store.GetAsync("none");
        proxy.Hang();
        var started = Stopwatch.GetTimestamp();

        var failures = await FailuresAsync(store, 50);

        // One after the other they would take 50 seconds.
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.All(failures, failure => Assert.Equal(SessionStoreFault.Timeout, failure.Fault));
    }

    [Fact]
    public async Task A_queue_that_the_connection_string_limits_is_limited()
    {
        await using var proxy = TcpFault.Start(Fixture.Backend.Server);
        await using var store = Pooled($"mongodb://{proxy.Host}:{proxy.Port}/?directConnection=true", "maxPoolSize=1&waitQueueSize=3", TimeSpan.FromSeconds(1));
        await store.GetAsync("none");
        proxy.Hang();

        var failures = await FailuresAsync(store, 50);

        var full = failures.Where(failure => failure.Fault == SessionStoreFault.Unavailable).ToList();
        Assert.InRange(full.Count, 1, 47);
        Assert.All(full, failure => Assert.Contains("waitQueueSize", failure.Message, StringComparison.Ordinal));
    }

    private static async Task<SessionStoreException[]> FailuresAsync(MongoStore store, int calls) =>
        await Task.WhenAll(Enumerable.Range(0, calls).Select(_ => Task.Run(() => Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("a")))));

    private MongoStore Pooled(string connectionString, string settings, TimeSpan? timeout = null) =>
        new(
            connectionString + (connectionString.Contains('?', StringComparison.Ordinal) ? "&" : connectionString.EndsWith('/') ? "?" : "/?") + settings + "&appName=" + ObjectId.GenerateNewId(),
            new MongoStoreOptions
            {
                Database = Fixture.DatabaseName,
                Collection = Collection.CollectionNamespace.CollectionName,
                AutoRemove = AutoRemove.Disabled,
                OperationTimeout = timeout ?? TimeSpan.FromSeconds(30),
                ShareRoundTrips = false, // reads that share commands need two connections
            });
}
