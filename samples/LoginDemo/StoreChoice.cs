using SessionStores;
using SessionStores.Memory;
using SessionStores.Postgres;
using SessionStores.Redis;
using SessionStores.Mongo;

namespace LoginDemo;

internal static class StoreChoice
{
    /// <summary>One store package per deployment: the only line of an application that names it.</summary>
    public static ISessionStoresBuilder UseStoreNamed(this ISessionStoresBuilder builder, string store, string? connection) => store switch
    {
        "memory" => builder.UseMemory(),
        "redis" => builder.UseRedis(connection!),
        "postgres" => builder.UsePostgres(connection!),
        "mongo" => builder.UseMongo(connection!),
        _ => throw new ArgumentOutOfRangeException(nameof(store), store, "The store must be memory, redis, mongo or postgres."),
    };
}
