using SessionStores.Memory;
using SessionStores.Mongo;
using SessionStores.Postgres;
using SessionStores.Redis;
using StackExchange.Redis;

namespace SessionStores.AspNetCore.IntegrationTests;

internal static class OpenedStores
{
    public static TheoryData<string> StoresAndCluster => ["Memory", "Redis", "RedisCluster", "Postgres", "Mongo"];

    /// <summary>The store that an application of one node would get.</summary>
    public static ISessionStore OpenStore(this ServerOf server, string provider) => server.OpenStore(provider, server.ConnectionString);

    /// <summary>The store over another way to the server, such as a proxy.</summary>
    public static ISessionStore OpenStore(this ServerOf server, string provider, string? connection) => provider switch
    {
        "Memory" => new MemoryStore(),
        "Postgres" => new PostgresStore(connection!),
        "Mongo" => new MongoStore(connection!),
        _ => new RedisStore(ConfigurationOptions.Parse(connection!)),
    };

    public static async ValueTask CloseAsync(this ISessionStore store)
    {
        if (store is IAsyncDisposable connected)
            await connected.DisposeAsync();

        (store as IDisposable)?.Dispose();
    }
}
