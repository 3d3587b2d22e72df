using SessionStores.Backends;
using SessionStores.Conformance.Histories;
using SessionStores.Redis;
using StackExchange.Redis;

namespace SessionStores.Reliability.Tests;

internal static partial class Nemeses
{
    private const string Redis = "Redis, appendfsync always";

    public static IEnumerable<Nemesis> OfRedis =>
    [
        new() { Server = Redis, Fault = "clocks of the nodes 14 minutes apart", Start = StartRedisAsync, Strike = DoNothingAsync },
        new() { Server = Redis, Fault = "killed and restarted", Start = StartRedisAsync, Strike = KillAndRestartAsync },
        new() { Server = Redis, Fault = "stopped and continued", Start = StartRedisAsync, Strike = FreezeAsync },
        new() { Server = Redis, Fault = "network drops, halves, delays, cuts", Start = StartRedisAsync, Strike = BreakNetworkAsync, Ways = 4 },
        new()
        {
            Server = "Redis with a replica, MinReplicas = 1", Fault = "primary lost, replica promoted", Once = true,
            ShowsChangesEarly = true,
            Without = [OperationKind.Slide], // a read does not wait for replicas, also where it extends the session
            Start = () => StartRedisReplicaAsync(minReplicas: 1), Strike = FailRedisOverAsync,
        },
        new()
        {
            Server = "Redis with a replica, asynchronous", Fault = "primary lost, replica promoted", Once = true, Promise = Promise.Broken,
            Start = () => StartRedisReplicaAsync(minReplicas: 0), Strike = FailRedisOverAsync,
        },
        new()
        {
            Server = "Redis Cluster, asynchronous", Fault = "primary killed, replica takes over", Promise = Promise.None, Without = NotInOneStep,
            Start = StartRedisClusterAsync, Strike = FailClusterOverAsync,
        },
    ];

    private static async Task<Target> StartRedisAsync()
    {
        var backend = Target.Available(await RedisBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled, Durable = true }));
        var network = TcpFault.Start(backend.Server);
        return new Target(backend, () => OpenRedis($"{network.Host}:{network.Port}")) { Network = network };
    }

    private static async Task<Target> StartRedisReplicaAsync(int minReplicas)
    {
        var backend = Target.Available(await RedisReplicaBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled }));
        var network = TcpFault.Start(backend.Primary);
        await backend.FollowThroughAsync(network);
        if (minReplicas > 0)
            await backend.StartNextReplicaAsync();

        return new Target(backend, () => OpenRedis(backend.ConnectionString, minReplicas)) { Network = network };
    }

    private static async Task<Target> StartRedisClusterAsync()
    {
        var backend = Target.Available(await RedisClusterBackend.StartAsync(new RedisBackendOptions { Sources = BackendSources.Controlled }));
        return new Target(backend, () => OpenRedis(backend.ConnectionString));
    }

    private static Task FailRedisOverAsync(Target target, Load load, int strike)
    {
        var backend = (RedisReplicaBackend)target.Backend;
        return FailOverAsync(target, load, backend.Primary, () => backend.PromoteAsync());
    }

    private static async Task FailClusterOverAsync(Target target, Load load, int strike)
    {
        var backend = (RedisClusterBackend)target.Backend;
        var primaries = await backend.FindPrimariesAsync();
        var primary = primaries[strike % primaries.Count];
        await primary.KillAsync();
        await backend.WaitUntilOkAsync();
        await primary.RestartAsync();
        await backend.WaitUntilOkAsync();
    }

    private static RedisStore OpenRedis(string connectionString, int minReplicas = 0) => new(
        ConfigurationOptions.Parse(connectionString),
        new RedisStoreOptions { OperationTimeout = Patience, MinReplicas = minReplicas, ReplicaTimeout = Patience / 2 });
}
