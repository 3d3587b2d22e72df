using SessionStores.Backends;

namespace SessionStores.Tests;

/// <summary>The server that a store needs; none for memory. Skips the test when the server is missing.</summary>
internal sealed class ServerOf(Backend? backend, string? connectionString) : IAsyncDisposable
{
    public static TheoryData<string> Stores => ["Memory", "Redis", "Postgres", "Mongo"];

    public string? ConnectionString { get; } = connectionString;

    public Backend Backend => backend!;

    public static async Task<ServerOf> StartAsync(string provider)
    {
        switch (provider.ToUpperInvariant())
        {
            case "REDIS":
                var redis = Available(await RedisBackend.StartAsync());
                return new ServerOf(redis, redis.ConnectionString);
            case "REDISCLUSTER":
                var cluster = Available(await RedisClusterBackend.StartAsync());
                return new ServerOf(cluster, cluster.ConnectionString);
            case "POSTGRES":
                var postgres = Available(await PostgresBackend.StartAsync());
                return new ServerOf(postgres, await postgres.CreateDatabaseAsync());
            case "MONGO":
                var mongo = Available(await MongoBackend.StartAsync());
                return new ServerOf(mongo, mongo.NewDatabase());
            default:
                return new ServerOf(null, null);
        }
    }

    public ValueTask DisposeAsync() => backend?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static TBackend Available<TBackend>(BackendLease<TBackend> lease)
        where TBackend : Backend
    {
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        return lease.Backend;
    }
}
