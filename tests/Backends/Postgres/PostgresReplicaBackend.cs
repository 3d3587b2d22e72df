using Npgsql;

namespace SessionStores.Backends;

/// <summary>A PostgreSQL primary and a streaming replica. The connection string names both and asks for the primary.</summary>
public sealed class PostgresReplicaBackend : Backend
{
    private const string BackendName = "postgres-replica";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly bool _isSynchronous;

    private PostgresReplicaBackend(string description, ServerHandle primary, ServerHandle replica, bool isSynchronous)
        : base(BackendName, description, ToBoth(PostgresServers.ConnectionStringOf(primary.Port), primary, replica), [primary, replica]) =>
        (Primary, Replica, _isSynchronous) = (primary, replica, isSynchronous);

    /// <summary>The server that takes writes.</summary>
    public ServerHandle Primary { get; private set; }

    /// <summary>The other one. After a promotion it is the old primary, which is no replica of the new one: keep it down.</summary>
    public ServerHandle Replica { get; private set; }

    /// <summary>Starts both in containers or from a local binary, and waits until the replica streams.</summary>
    /// <exception cref="BackendUnavailableException">It cannot run here, and <c>SESSIONSTORES_REQUIRE</c> names <c>postgres-replica</c>.</exception>
    /// <exception cref="BackendStartException">It can, but it did not start.</exception>
    public static Task<BackendLease<PostgresReplicaBackend>> StartAsync(
        PostgresReplicaBackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new PostgresReplicaBackendOptions();
        return new BackendAcquisition<PostgresReplicaBackend>(BackendName, options, cancellationToken)
        {
            Images = [ContainerImages.Postgres],
            FindBinary = PostgresServers.FindBinary,
            Start = async source =>
            {
                var servers = new PostgresServers(options, cancellationToken);
                var primary = await servers.StartAsync(source, "postgres primary", hostNetwork: true);
                var replica = await servers.StartAsync(source, "postgres replica", hostNetwork: true, primary);
                var backend = new PostgresReplicaBackend(source.Describe(2), primary, replica, options.Synchronous);
                await backend.ConnectReplicaAsync(options.Synchronous, cancellationToken);
                return backend;
            },
        }.RunAsync();
    }

    /// <summary>The connection string of only one of the two.</summary>
    public string ConnectionStringOf(ServerHandle server)
    {
        ArgumentNullException.ThrowIfNull(server);
        var builder = new NpgsqlConnectionStringBuilder(ConnectionString) { Host = server.Host, Port = server.Port };
        builder.Remove("Target Session Attributes");
        return builder.ConnectionString;
    }

    /// <summary>Creates an empty database and returns a connection string for it that names both servers and asks for the primary.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var created = await PostgresServers.CreateDatabaseAsync(ConnectionStringOf(Primary), cancellationToken);
        return ToBoth(created, Servers[0], Servers[1]);
    }

    /// <summary>Waits until the replica has replayed everything that the primary has written so far.</summary>
    public async Task WaitUntilInSyncAsync(CancellationToken cancellationToken = default)
    {
        var written = await ExecuteAsync(Primary, "SELECT pg_current_wal_lsn()::text", cancellationToken);
        await Wait.UntilAsync(
            async token => await ExecuteAsync(Replica, $"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn", token) is true,
            Deadline, "the PostgreSQL replica to have replayed everything", cancellationToken);
    }

    /// <summary>Makes the replica follow its primary through a proxy, so that the network between them can fail, and waits until it streams.</summary>
    public async Task FollowThroughAsync(TcpFault network, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        var primary = (string)(await ExecuteAsync(Replica, "SHOW primary_conninfo", cancellationToken))!;
        var through = primary.Replace($"port={Primary.Port}", $"port={network.Port}", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal);
        await ExecuteAsync(Replica, $"ALTER SYSTEM SET primary_conninfo = '{through}'", cancellationToken);
        await ExecuteAsync(Replica, "SELECT pg_reload_conf()", cancellationToken);
        await Wait.UntilAsync(() => network.Open > 0, Deadline, "the PostgreSQL replica to connect through the proxy", cancellationToken);
        await ConnectReplicaAsync(_isSynchronous, cancellationToken);
    }

    /// <summary>
    /// Makes the replica the primary, as after a failure, and waits until it takes writes. The old primary is not told: kill it first, or there
    /// are two.
    /// </summary>
    public async Task PromoteAsync(CancellationToken cancellationToken = default)
    {
        // It has no replica of its own to wait for. The setting came with the copy of the primary or will be replayed from it.
        await SetStandbyNamesAsync(Replica, "", cancellationToken);
        if (await ExecuteAsync(Replica, "SELECT pg_promote(true, 30)", cancellationToken) is not true)
            throw await Replica.FailureAsync("The PostgreSQL replica was not promoted.");
        (Primary, Replica) = (Replica, Primary);
    }

    internal override Task<string> ReadVersionAsync(CancellationToken cancellationToken) =>
        PostgresServers.ReadVersionAsync(ConnectionStringOf(Primary), cancellationToken);

    private static string ToBoth(string connectionString, ServerHandle primary, ServerHandle replica)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = $"{primary.Host}:{primary.Port},{replica.Host}:{replica.Port}",
            TargetSessionAttributes = "primary",
        };
        builder.Remove("Port");
        return builder.ConnectionString;
    }

    private async Task ConnectReplicaAsync(bool synchronous, CancellationToken cancellationToken)
    {
        if (synchronous)
            await SetStandbyNamesAsync(Primary, "*", cancellationToken);
        var state = synchronous ? "sync" : "async";
        await Wait.UntilAsync(
            async token => await ExecuteAsync(
                Primary, $"SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = '{state}'", token) is 1L,
            Deadline, $"the PostgreSQL replica to stream ({state})", cancellationToken);
        await WaitUntilInSyncAsync(cancellationToken);
    }

    private async Task SetStandbyNamesAsync(ServerHandle server, string names, CancellationToken cancellationToken)
    {
        await ExecuteAsync(server, $"ALTER SYSTEM SET synchronous_standby_names = '{names}'", cancellationToken);
        await ExecuteAsync(server, "SELECT pg_reload_conf()", cancellationToken);
    }

    private Task<object?> ExecuteAsync(ServerHandle server, string sql, CancellationToken cancellationToken) =>
        PostgresServers.ExecuteAsync(ConnectionStringOf(server), sql, cancellationToken);
}
