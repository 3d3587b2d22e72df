using SessionStores.Backends;

namespace SessionStores.LoginDemo.Tests;

/// <summary>The server that a store of the demo needs; none for memory.</summary>
internal sealed class ServerOf(Backend? backend, string? connectionString) : IAsyncDisposable
{
    public string? ConnectionString { get; } = connectionString;

    public static async Task<ServerOf> StartAsync(string store)
    {
        switch (store)
        {
            case "redis":
                var redis = Available(await RedisBackend.StartAsync());
                return new ServerOf(redis, redis.ConnectionString);
            case "postgres":
                var postgres = Available(await PostgresBackend.StartAsync());
                return new ServerOf(postgres, await postgres.CreateDatabaseAsync());
            case "mongo":
#if !MONGO
                Assert.Skip("MongoDB.Driver does not restore from the configured package sources");
#endif
                var mongo = Available(await MongoBackend.StartAsync());
                return new ServerOf(mongo, mongo.ConnectionString);
            default:
                return new ServerOf(null, null);
        }
    }

    public ValueTask DisposeAsync() => backend?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static TBackend Available<TBackend>(BackendLease<TBackend> lease)
        where TBackend : Backend
    {
        Assert.SkipUnless(lease.IsAvailable, lease.Reason!);
        return lease.Backend;
    }
}
