using Npgsql;
using NpgsqlTypes;
using SessionStores.Backends;
using SessionStores.Postgres;

namespace SessionStores.Benchmarks.Subjects;

/// <summary>PostgresStore against one prepared SELECT, UPDATE or INSERT by key on the same data source.</summary>
internal sealed class PostgresSubject(BackendLease<PostgresBackend> lease, NpgsqlDataSource source) : Subject
{
    private readonly PostgresStore _store = new(source);

    public override ISessionStore Store => _store;

    public static async Task<Subject?> StartAsync()
    {
        var lease = await PostgresBackend.StartAsync(new PostgresBackendOptions { Durable = false });
        if (!lease.IsAvailable)
            return null;

        var settings = new NpgsqlConnectionStringBuilder(await lease.Backend.CreateDatabaseAsync()) { NoResetOnClose = true, Enlist = false };
        return new PostgresSubject(lease, NpgsqlDataSource.Create(settings));
    }

    public override async Task RawGetAsync()
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT sess FROM session WHERE sid = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Id });
        await command.PrepareAsync();
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        reader.GetFieldValue<byte[]>(0);
    }

    public override Task RawReplaceAsync() => ExecuteAsync("UPDATE session SET sess = $2, expire = now() + interval '1 hour' WHERE sid = $1", Id);

    public override Task RawCreateAsync() => ExecuteAsync("INSERT INTO session (sid, sess, expire) VALUES ($1, $2, now() + interval '1 hour')", NextId());

    public override async Task RawTouchAsync()
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("UPDATE session SET expire = now() + interval '1 hour' WHERE sid = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Id });
        await command.PrepareAsync();
        await command.ExecuteNonQueryAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await source.DisposeAsync();
        await lease.DisposeAsync();
    }

    private async Task ExecuteAsync(string sql, string id)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { NpgsqlDbType = NpgsqlDbType.Json, TypedValue = Payload });
        await command.PrepareAsync();
        await command.ExecuteNonQueryAsync();
    }
}
