using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;
using SessionStores.Backends;
using SessionStores.Interop.Tests.Sites;
using SessionStores.Postgres;

namespace SessionStores.Interop.Tests.Servers;

internal sealed class PostgresServer(PostgresBackend backend) : SharedServer("postgres")
{
    private string _connectionString = "";
    private NpgsqlDataSource? _source;

    public override IReadOnlyList<string> OlderStores { get; } = ["connect-pg-simple-6", "connect-pg-simple-9"];

    public override async Task PrepareAsync()
    {
        if (_source is not null)
            await _source.DisposeAsync();

        _connectionString = await backend.CreateDatabaseAsync();
        // One connection for the whole run: a later one would have the zone that a test has set for the database.
        _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_connectionString) { MinPoolSize = 1 });
    }

    public override JsonObject ToNode(SiteOptions options)
    {
        var connection = new NpgsqlConnectionStringBuilder(_connectionString);
        var url = $"postgres://{Uri.EscapeDataString(connection.Username!)}:{Uri.EscapeDataString(connection.Password ?? "")}" +
            $"@{connection.Host}:{connection.Port}/{connection.Database}?application_name={options.OwnConnections ?? "shared"}";
        return new JsonObject { ["kind"] = options.OlderStore ?? "postgres", ["url"] = url, ["timeZone"] = options.TimeZone };
    }

    public override void Use(ISessionStoresBuilder builder, SiteOptions options) => builder.UsePostgres(
        new NpgsqlConnectionStringBuilder(_connectionString) 
        {
            Timezone = options.TimeZone,
            ApplicationName = options.OwnConnections,
            MaxPoolSize = 8,
            // Sites stay open until the end of the run; their idle connections must not.
            ConnectionIdleLifetime = 2,
            ConnectionPruningInterval = 1,
        }.ConnectionString);

    public override async Task<StoredRecord?> FindAsync(string id)
    {
        await using var command = Command(
            "SELECT sess::text, date_part('epoch', expire::timestamptz) - date_part('epoch', now()) FROM session WHERE sid = $1 AND expire::timestamptz > now()", id);
        await using var reader = await command.ExecuteReaderAsync();
        if (!await reader.ReadAsync())
            return null;

        var seconds = reader.GetDouble(1);
        return new StoredRecord(reader.GetString(0), double.IsInfinity(seconds) ? null : TimeSpan.FromSeconds(seconds));
    }

    public override async Task WriteAsync(string id, string text, TimeSpan life)
    {
        await using var command = Command(
            "INSERT INTO session (sid, sess, expire) VALUES ($1, $2, now() + $3) ON CONFLICT (sid) DO UPDATE SET sess = $2, expire = now() + $3", id);
        command.Parameters.Add(new NpgsqlParameter { Value = text, NpgsqlDbType = NpgsqlDbType.Json });
        command.Parameters.Add(new NpgsqlParameter { Value = life });
        await command.ExecuteNonQueryAsync();
    }

    public override async Task SetLifeAsync(string id, TimeSpan life)
    {
        await using var command = Command("UPDATE session SET expire = now() + $2 WHERE sid = $1", id);
        command.Parameters.Add(new NpgsqlParameter { Value = life });
        await command.ExecuteNonQueryAsync();
    }

    public override async Task RemoveAsync(string id)
    {
        await using var command = Command("DELETE FROM session WHERE sid = $1", id);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The type of the column <c>expire</c>, which depends on who created the table.</summary>
    public async Task<string> ReadExpireTypeAsync()
    {
        await using var command = _source!.CreateCommand(
            "SELECT data_type FROM information_schema.columns WHERE table_name = 'session' AND column_name = 'expire'");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Sets the time zone that new connections to the database get; null for that of the server.</summary>
    public async Task SetDatabaseZoneAsync(string? zone)
    {
        var database = new NpgsqlConnectionStringBuilder(_connectionString).Database;
        await using var command = _source!.CreateCommand($"ALTER DATABASE \"{database}\" {(zone is null ? "RESET timezone" : $"SET timezone TO '{zone}'")}");
        await command.ExecuteNonQueryAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_source is not null)
            await _source.DisposeAsync();
    }

    private NpgsqlCommand Command(string sql, string id)
    {
        var command = _source!.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        return command;
    }
}
