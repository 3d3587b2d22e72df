using System.Text;
using Npgsql;

namespace SessionStores.Postgres.Tests;

/// <summary>A database, with connections beside the store's.</summary>
internal sealed class Database(string connectionString) : IAsyncDisposable
{
    /// <summary>A session table in four partitions.</summary>
    public const string CreatePartitions =
        """
        CREATE TABLE session (sid varchar COLLATE "C" PRIMARY KEY, sess json NOT NULL, expire timestamptz(6) NOT NULL, subject varchar COLLATE "C") PARTITION BY HASH (sid);
        CREATE TABLE session0 PARTITION OF session FOR VALUES WITH (MODULUS 4, REMAINDER 0);
        CREATE TABLE session1 PARTITION OF session FOR VALUES WITH (MODULUS 4, REMAINDER 1);
        CREATE TABLE session2 PARTITION OF session FOR VALUES WITH (MODULUS 4, REMAINDER 2);
        CREATE TABLE session3 PARTITION OF session FOR VALUES WITH (MODULUS 4, REMAINDER 3);
        """;

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true });

    public string ConnectionString { get; } = connectionString;

    public NpgsqlDataSource Source => _source;

    public static SessionContent Content(string json = """{"cookie":{"originalMaxAge":null}}""", TimeSpan? life = null, string? subject = null) =>
        new(Encoding.UTF8.GetBytes(json), DateTimeOffset.UtcNow + (life ?? TimeSpan.FromHours(1)), subject);

    public PostgresStore Store(Action<PostgresStoreOptions>? configure = null, string? connectionString = null)
    {
        // Time-outs are the subject of few tests; the others must not fail on a busy machine.
        var options = new PostgresStoreOptions { OperationTimeout = TimeSpan.FromMinutes(1) };
        configure?.Invoke(options);
        return new PostgresStore(connectionString ?? ConnectionString, options);
    }

    public async Task ExecuteAsync(string sql, params object[] arguments)
    {
        await using var command = Command(sql, arguments);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql, params object[] arguments)
    {
        await using var command = Command(sql, arguments);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The first column of the first row; null when there is no row.</summary>
    public async Task<object?> FindAsync(string sql, params object[] arguments)
    {
        await using var command = Command(sql, arguments);
        return await command.ExecuteScalarAsync();
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private NpgsqlCommand Command(string sql, object[] arguments)
    {
        var command = _source.CreateCommand(sql);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });

        return command;
    }
}
