using Npgsql;

namespace SessionStores.Backends;

/// <summary>A PostgreSQL primary and a streaming replica. The connection string names both and asks for the primary.</summary>
public sealed class PostgresReplicaBackend : Backend
{
    private const string BackendName = "postgres-replica";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private PostgresReplicaBackend(string description, string connectionString, ServerHandle primary, ServerHandle replica)
        : base(BackendName, description, connectionString, [primary, replica])
    {
        Primary = primary;
        Replica = replica;
    }

    /// <summary>The server that takes writes.</summary>
    public ServerHandle Primary { get; private set; }

    /// <summary>The other one. After a promotion it is the old primary, which follows no one: keep it down.</summary>
    public ServerHandle Replica { get; private set; }

    /// <summary>Starts both in containers or from a local binary, and waits until the replica streams.</summary>
    /// <exception cref="BackendUnavailableException">It cannot run here, and <c>SESSIONSTORES_REQUIRE</c> names <c>postgres-replica</c>.</exception>
    /// <exception cref="BackendStartException">It can, but it did not start.</exception>
    public static Task<BackendLease<PostgresReplicaBackend>> StartAsync(
        PostgresReplicaBackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new PostgresReplicaBackendOptions();
        var servers = new PostgresServers(options, cancellationToken);
        return new BackendAcquisition<PostgresReplicaBackend>(BackendName, options)
        {
            FromConnectionString = search => Task.FromResult(search.NotThere("it is always started here, so that its roles can change")),
            FromContainer = async search =>
            {
                if (await ContainerEngine.WhyNotAsync(ContainerImages.Postgres, cancellationToken) is { } reason)
                    return search.NotThere(reason);
                return await StartAsync(
                    $"2 containers {ContainerImages.FullName(ContainerImages.Postgres)}",
                    name => servers.StartPrimaryContainerAsync(name, hostNetwork: true), servers.StartReplicaContainerAsync, options, cancellationToken);
            },
            FromBinary = async search =>
            {
                if (PostgresServers.WhyNoBinary() is { } reason)
                    return search.NotThere(reason);
                return await StartAsync(
                    $"{PostgresServers.DescribeBinary()}, 2 servers",
                    servers.StartPrimaryProcessAsync, servers.StartReplicaProcessAsync, options, cancellationToken);
            },
        }.RunAsync();
    }

    /// <summary>The connection string of one of the two alone.</summary>
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
        var created = await PostgresBackend.CreateDatabaseAsync(ConnectionStringOf(Primary), cancellationToken);
        var name = new NpgsqlConnectionStringBuilder(created).Database;
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Waits until the replica has replayed everything that the primary has written so far.</summary>
    public async Task WaitUntilInSyncAsync(CancellationToken cancellationToken = default)
    {
        var written = await PostgresBackend.ExecuteAsync(ConnectionStringOf(Primary), "SELECT pg_current_wal_lsn()::text", cancellationToken);
        await Wait.UntilAsync(
            async token => await PostgresBackend.ExecuteAsync(
                ConnectionStringOf(Replica), $"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn", token) is true,
            Deadline, "the PostgreSQL replica to have replayed everything", cancellationToken);
    }

    /// <summary>
    /// Makes the replica the primary, as after a failure, and waits until it takes writes. The old primary is not told: kill it first, or there
    /// are two.
    /// </summary>
    public async Task PromoteAsync(CancellationToken cancellationToken = default)
    {
        var replica = ConnectionStringOf(Replica);
        // It has no replica of its own to wait for. The setting came with the copy of the primary or will be replayed from it.
        await PostgresBackend.ExecuteAsync(replica, "ALTER SYSTEM SET synchronous_standby_names = ''", cancellationToken);
        await PostgresBackend.ExecuteAsync(replica, "SELECT pg_reload_conf()", cancellationToken);
        if (await PostgresBackend.ExecuteAsync(replica, "SELECT pg_promote(true, 30)", cancellationToken) is not true)
            throw new BackendStartException($"The PostgreSQL replica was not promoted.\n{await Replica.ReadLogTailAsync(cancellationToken)}");
        (Primary, Replica) = (Replica, Primary);
    }

    private protected override Task<string> ReadVersionAsync(CancellationToken cancellationToken) =>
        PostgresServers.ReadVersionAsync(ConnectionStringOf(Primary), cancellationToken);

    private static async Task<PostgresReplicaBackend> StartAsync(
        string description, Func<string, Task<ServerHandle>> startPrimary,
        Func<string, ServerHandle, Task<ServerHandle>> startReplica, PostgresReplicaBackendOptions options, CancellationToken cancellationToken)
    {
        var primary = await startPrimary("postgres primary");
        ServerHandle? replica = null;
        try
        {
            replica = await startReplica("postgres replica", primary);
            var connectionString = new NpgsqlConnectionStringBuilder(PostgresServers.ConnectionStringOf(primary.Host, primary.Port))
            {
                Host = $"{primary.Host}:{primary.Port},{replica.Host}:{replica.Port}",
                TargetSessionAttributes = "primary",
            };
            connectionString.Remove("Port");
            var backend = new PostgresReplicaBackend(description, connectionString.ConnectionString, primary, replica);
            await backend.ConnectReplicaAsync(options.Synchronous, cancellationToken);
            return backend;
        }
        catch
        {
            await primary.DisposeAsync();
            if (replica is not null)
                await replica.DisposeAsync();
            throw;
        }
    }

    private async Task ConnectReplicaAsync(bool synchronous, CancellationToken cancellationToken)
    {
        var primary = ConnectionStringOf(Primary);
        if (synchronous)
        {
            await PostgresBackend.ExecuteAsync(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'", cancellationToken);
            await PostgresBackend.ExecuteAsync(primary, "SELECT pg_reload_conf()", cancellationToken);
        }

        var state = synchronous ? "sync" : "async";
        await Wait.UntilAsync(
            async token => await PostgresBackend.ExecuteAsync(
                primary, $"SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = '{state}'", token) is 1L,
            Deadline, $"the PostgreSQL replica to stream ({state})", cancellationToken);
        await WaitUntilInSyncAsync(cancellationToken);
    }
}
