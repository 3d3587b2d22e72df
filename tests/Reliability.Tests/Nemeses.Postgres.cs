using Npgsql;
using SessionStores.Backends;
using SessionStores.Postgres;

namespace SessionStores.Reliability.Tests;

internal static partial class Nemeses
{
    private const string Postgres = "PostgreSQL";

    public static IEnumerable<Nemesis> OfPostgres =>
    [
        new() { Server = Postgres, Fault = "clocks of the nodes 14 minutes apart", Start = StartPostgresAsync, Strike = DoNothingAsync },
        new() { Server = Postgres, Fault = "killed and restarted", Start = StartPostgresAsync, Strike = KillAndRestartAsync },
        new() { Server = Postgres, Fault = "stopped and continued", Start = StartPostgresAsync, Strike = FreezeAsync },
        new() { Server = Postgres, Fault = "network drops, halves, delays, cuts", Start = StartPostgresAsync, Strike = BreakNetworkAsync, Ways = 4 },
        new() { Server = "PgBouncer, PostgreSQL behind it", Fault = "PgBouncer killed and restarted", Start = StartPgBouncerAsync, Strike = KillAndRestartAsync },
        new()
        {
            Server = "PostgreSQL with a standby, synchronous", Fault = "primary lost, standby promoted", Once = true, ShowsChangesEarly = true,
            Start = () => StartPostgresReplicaAsync(synchronous: true), Strike = FailPostgresOverAsync,
        },
        new()
        {
            Server = "PostgreSQL with a standby, asynchronous", Fault = "primary lost, standby promoted", Once = true, Promise = Promise.Broken,
            Start = () => StartPostgresReplicaAsync(synchronous: false), Strike = FailPostgresOverAsync,
        },
    ];

    private static async Task<Target> StartPostgresAsync()
    {
        var backend = Target.Available(await PostgresBackend.StartAsync(new PostgresBackendOptions { Sources = BackendSources.Controlled }));
        var network = TcpFault.Start(backend.Server);
        var database = new NpgsqlConnectionStringBuilder(await backend.CreateDatabaseAsync()) { Host = network.Host, Port = network.Port };
        return new Target(backend, () => OpenPostgres(database.ConnectionString)) { Network = network };
    }

    private static async Task<Target> StartPgBouncerAsync()
    {
        var postgres = Target.Available(await PostgresBackend.StartAsync(new PostgresBackendOptions { Sources = BackendSources.Controlled }));
        var backend = Target.Available(await PgBouncerBackend.StartAsync(postgres));
        var database = backend.Through(await postgres.CreateDatabaseAsync());
        return new Target(backend, () => OpenPostgres(database)) { Behind = postgres };
    }

    private static async Task<Target> StartPostgresReplicaAsync(bool synchronous)
    {
        var backend = Target.Available(await PostgresReplicaBackend.StartAsync(
            new PostgresReplicaBackendOptions { Sources = BackendSources.Controlled, Synchronous = synchronous }));
        var network = TcpFault.Start(backend.Primary);
        await backend.FollowThroughAsync(network);
        var database = await backend.CreateDatabaseAsync();
        return new Target(backend, () => OpenPostgres(database)) { Network = network };
    }

    private static Task FailPostgresOverAsync(Target target, Load load, int strike)
    {
        var backend = (PostgresReplicaBackend)target.Backend;
        return FailOverAsync(target, load, backend.Primary, () => backend.PromoteAsync());
    }

    private static PostgresStore OpenPostgres(string connectionString) => new(connectionString, new PostgresStoreOptions { OperationTimeout = Patience });
}
