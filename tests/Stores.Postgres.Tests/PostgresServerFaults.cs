using Npgsql;
using SessionStores.Backends;
using SessionStores.Conformance;

namespace SessionStores.Postgres.Tests;

/// <summary>A server of its own that the kit puts through faults. Stores reach it through a relay that can cut connections.</summary>
internal sealed class PostgresServerFaults : IServerFaults
{
    private readonly PostgresBackend _backend;
    private readonly TcpFault _relay;
    private string? _database;

    public PostgresServerFaults(PostgresBackend backend)
    {
        _backend = backend;
        _relay = TcpFault.Start(backend.Server);
    }

    public IReadOnlySet<ServerFault> Offered { get; } = new HashSet<ServerFault>
    {
        ServerFault.Stopped, ServerFault.Killed, ServerFault.Hanging, ServerFault.ReadOnly,
        ServerFault.DropAfterSend, ServerFault.Disconnected, ServerFault.ForgottenScripts,
    };

    public bool KeepsWrites => true;

    public async ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings)
    {
        _database ??= await _backend.CreateDatabaseAsync();
        var throughRelay = new NpgsqlConnectionStringBuilder(_database) { Host = _relay.Host, Port = _relay.Port, MaxPoolSize = 20 };
        return PostgresFixture.Store(throughRelay.ConnectionString, @namespace, settings);
    }

    public async ValueTask BeginAsync(ServerFault fault)
    {
        switch (fault)
        {
            case ServerFault.Stopped:
                await _backend.StopAsync();
                break;
            case ServerFault.Killed:
                await _backend.KillAsync();
                break;
            case ServerFault.Hanging:
                await _backend.PauseAsync();
                break;
            case ServerFault.ReadOnly:
                await ExecuteAsync("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()");
                await WaitForReadOnlyAsync("on");
                break;
            case ServerFault.DropAfterSend:
                _relay.DropBeforeReply();
                break;
            case ServerFault.Disconnected:
                await ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
                break;
            case ServerFault.ForgottenScripts:
                // Nothing forgets another connection's statements; what can be forgotten are the plans behind them.
                await ExecuteAsync("ALTER SYSTEM SET plan_cache_mode = force_custom_plan", "SELECT pg_reload_conf()", "ANALYZE");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault, "The fault must be one of those offered.");
        }
    }

    public async ValueTask EndAsync(ServerFault fault)
    {
        switch (fault)
        {
            case ServerFault.Stopped or ServerFault.Killed:
                await _backend.RestartAsync();
                break;
            case ServerFault.Hanging:
                await _backend.ResumeAsync();
                break;
            case ServerFault.ReadOnly:
                await ExecuteAsync("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()");
                await WaitForReadOnlyAsync("off");
                break;
            case ServerFault.DropAfterSend:
                _relay.PassThrough();
                break;
            case ServerFault.ForgottenScripts:
                await ExecuteAsync("ALTER SYSTEM RESET plan_cache_mode", "SELECT pg_reload_conf()");
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _relay.DisposeAsync();
        await _backend.DisposeAsync();
    }

    // The settings of a reload reach a connection at its next statement.
    private Task WaitForReadOnlyAsync(string value) => Wait.UntilAsync(
        async _ => await ScalarAsync("SHOW default_transaction_read_only") is string now && now == value, TimeSpan.FromSeconds(20), $"default_transaction_read_only to be {value}");

    private async Task ExecuteAsync(params string[] statements)
    {
        foreach (var statement in statements)
            await ScalarAsync(statement);
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(_backend.ConnectionString) { Pooling = false };
        await using var source = NpgsqlDataSource.Create(unpooled);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
