using Npgsql;
using SessionStores.Backends;

namespace SessionStores.Http.Run;

/// <summary>The server behind a store.</summary>
/// <param name="Connection">How the driver reaches it.</param>
/// <param name="Backend">The server; null for a store that has none.</param>
/// <param name="Commands">Reads how many commands it has executed; null where it does not count them.</param>
internal sealed record Backing(string Connection, Backend? Backend, Func<Task<long>>? Commands)
{
    public string Description => Backend?.Description ?? "in the site's process";

    /// <summary>The connection as the Express application takes it.</summary>
    public string NodeConnection
    {
        get
        {
            if (Backend is not PostgresBackend)
                return Connection;

            var settings = new NpgsqlConnectionStringBuilder(Connection);
            return System.Text.Json.JsonSerializer.Serialize(new
            {
                host = settings.Host,
                port = settings.Port,
                user = settings.Username,
                password = settings.Password,
                database = settings.Database,
            });
        }
    }

    public async Task<IReadOnlyList<int>> ReadProcessIdsAsync() => Backend is null ? [] : await Backend.ReadProcessIdsAsync();

    public static Backing Of(RedisBackend backend) => new(backend.ConnectionString, backend, async () =>
    {
        using var client = await backend.ConnectAsync();
        return long.Parse((await client.ReadInfoAsync("total_commands_processed", CancellationToken.None))!);
    });

    public static async Task<Backing> OfAsync(PostgresBackend backend)
    {
        var connection = new NpgsqlConnectionStringBuilder(await backend.CreateDatabaseAsync()) { MaxPoolSize = 25 }.ConnectionString;
        await ExecuteAsync(backend, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
        return new Backing(connection, backend, async () => Convert.ToInt64(await ExecuteAsync(backend, "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE toplevel")));
    }

    public static Backing Of(MongoBackend backend) => new(backend.ConnectionString, backend, () => backend.CountCommandsAsync());

    private static async Task<object?> ExecuteAsync(PostgresBackend backend, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(backend.ConnectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
