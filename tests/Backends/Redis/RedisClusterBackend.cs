using System.Globalization;

namespace SessionStores.Backends;

/// <summary>A Redis Cluster of three primaries with one replica each. A replica takes over about two seconds after its primary is gone.</summary>
public sealed class RedisClusterBackend : Backend
{
    private const string BackendName = "redis-cluster";
    private const int Primaries = 3;
    private const int Slots = 16_384;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly string[] ClusterArguments =
    [
        "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "1500",
        "--cluster-replica-validity-factor", "0", "--cluster-allow-replica-migration", "no",
    ];

    private readonly string? _password;

    private RedisClusterBackend(string description, string connectionString, IReadOnlyList<ServerHandle> servers, string? password)
        : base(BackendName, description, connectionString, servers)
    {
        _password = password;
    }

    /// <summary>Starts six servers in containers or from a local binary, forms the cluster, and waits until all of them call it ok.</summary>
    /// <inheritdoc cref="RedisBackend.StartAsync"/>
    public static Task<BackendLease<RedisClusterBackend>> StartAsync(
        RedisBackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new RedisBackendOptions();
        var servers = new RedisServers(options, cancellationToken);
        return new BackendAcquisition<RedisClusterBackend>(BackendName, options)
        {
            FromConnectionString = search => Task.FromResult(search.NotThere("it is always started here, so that its servers can be killed")),
            FromContainer = async search =>
            {
                if (await ContainerEngine.WhyNotAsync(ContainerImages.Redis, cancellationToken) is { } reason)
                    return search.NotThere(reason);
                return await StartAsync(
                    $"6 containers {ContainerImages.FullName(ContainerImages.Redis)}",
                    name => servers.StartContainerAsync(name, hostNetwork: true, ClusterArguments), options, cancellationToken);
            },
            FromBinary = async search =>
            {
                if (RedisServers.FindBinary() is not { } binary)
                    return search.NotThere(RedisServers.NoBinary);
                return await StartAsync(
                    $"local binary {binary}, 6 processes",
                    name => servers.StartProcessAsync(binary, name, cluster: true, ClusterArguments), options, cancellationToken);
            },
        }.RunAsync();
    }

    /// <summary>Opens a plain connection to one of the servers; it follows no redirect.</summary>
    public Task<RespClient> ConnectAsync(ServerHandle server, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        return RespClient.ConnectAsync(server.Host, server.Port, _password, cancellationToken);
    }

    private protected override async Task<string> ReadVersionAsync(CancellationToken cancellationToken)
    {
        using var client = await ConnectAsync(Servers[0], cancellationToken);
        return await client.ReadVersionAsync(cancellationToken);
    }

    /// <summary>The running servers that are primaries now.</summary>
    public async Task<IReadOnlyList<ServerHandle>> FindPrimariesAsync(CancellationToken cancellationToken = default)
    {
        List<ServerHandle> found = [];
        foreach (var server in Servers.Where(server => server.IsRunning))
        {
            using var client = await ConnectAsync(server, cancellationToken);
            if (await client.ReadInfoAsync("role", cancellationToken) == "master")
                found.Add(server);
        }

        return found;
    }

    /// <summary>The running server that owns the slot of a key now, or null when it has none (its primary is down).</summary>
    public async Task<ServerHandle?> FindOwnerAsync(string key, CancellationToken cancellationToken = default)
    {
        foreach (var server in await FindPrimariesAsync(cancellationToken))
        {
            using var client = await ConnectAsync(server, cancellationToken);
            try
            {
                await client.SendAsync(cancellationToken, "EXISTS", key);
                return server;
            }
            catch (RespErrorException exception) when (exception.Message.StartsWith("MOVED", StringComparison.Ordinal)
                || exception.Message.StartsWith("CLUSTERDOWN", StringComparison.Ordinal))
            {
                // Another server owns it, or none does.
            }
        }

        return null;
    }

    /// <summary>Waits until every running server calls the cluster ok and knows three running primaries; after a kill, until the replica took over.</summary>
    public Task WaitUntilOkAsync(CancellationToken cancellationToken = default) =>
        Wait.UntilAsync(
            async token =>
            {
                foreach (var server in Servers.Where(server => server.IsRunning))
                {
                    using var client = await ConnectAsync(server, token);
                    var info = (string)(await client.SendAsync(token, "CLUSTER", "INFO"))!;
                    if (!info.Contains("cluster_state:ok", StringComparison.Ordinal) || await CountPrimariesAsync(client, token) != Primaries)
                        return false;
                }

                return (await FindPrimariesAsync(token)).Count == Primaries;
            },
            Deadline, "the Redis cluster to be ok on every running server", cancellationToken);

    /// <inheritdoc/>
    public override async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await base.RestartAsync(cancellationToken);
        await WaitUntilOkAsync(cancellationToken);
    }

    private static async Task<int> CountPrimariesAsync(RespClient client, CancellationToken cancellationToken) =>
        (await NodesAsync(client, cancellationToken)).Count(flags => flags.Split(',') is var all && all.Contains("master") && !all.Any(IsBad));

    private static bool IsBad(string flag) => flag is "fail" or "fail?" or "handshake" or "noaddr";

    // One line per node: id, address, flags, …
    private static async Task<IReadOnlyList<string>> NodesAsync(RespClient client, CancellationToken cancellationToken) =>
        [.. ((string)(await client.SendAsync(cancellationToken, "CLUSTER", "NODES"))!)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[2])];

    private static async Task<RedisClusterBackend> StartAsync(
        string description, Func<string, Task<ServerHandle>> start, RedisBackendOptions options, CancellationToken cancellationToken)
    {
        List<ServerHandle> servers = [];
        try
        {
            for (var index = 0; index < Primaries * 2; index++)
                servers.Add(await start($"redis cluster node {index}"));
            var backend = new RedisClusterBackend(
                description, new RedisServers(options, cancellationToken).ConnectionStringOf(servers), servers, options.Password);
            await backend.FormAsync(cancellationToken);
            return backend;
        }
        catch
        {
            foreach (var server in servers)
                await server.DisposeAsync();
            throw;
        }
    }

    private async Task FormAsync(CancellationToken cancellationToken)
    {
        List<RespClient> clients = [];
        try
        {
            foreach (var server in Servers)
                clients.Add(await ConnectAsync(server, cancellationToken));
            for (var index = 0; index < clients.Count; index++)
                await clients[index].SendAsync(cancellationToken, "CLUSTER", "SET-CONFIG-EPOCH", $"{index + 1}");
            for (var index = 0; index < Primaries; index++)
            {
                var first = Slots * index / Primaries;
                var slots = Enumerable.Range(first, (Slots * (index + 1) / Primaries) - first).Select(slot => slot.ToString(CultureInfo.InvariantCulture));
                await clients[index].SendAsync(cancellationToken, ["CLUSTER", "ADDSLOTS", .. slots]);
            }

            foreach (var server in Servers.Skip(1))
                await clients[0].SendAsync(cancellationToken, "CLUSTER", "MEET", server.Host, $"{server.Port}");
            await Wait.UntilAsync(token => AllKnowAllAsync(clients, token), Deadline, "the Redis cluster nodes to meet", cancellationToken);
            for (var index = 0; index < Primaries; index++)
            {
                var primary = (string)(await clients[index].SendAsync(cancellationToken, "CLUSTER", "MYID"))!;
                await clients[index + Primaries].SendAsync(cancellationToken, "CLUSTER", "REPLICATE", primary);
            }

            await Wait.UntilAsync(
                async token => await AllInSyncAsync(clients.Skip(Primaries), token), Deadline, "the Redis cluster replicas to be in sync", cancellationToken);
            await WaitUntilOkAsync(cancellationToken);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    private static async Task<bool> AllKnowAllAsync(List<RespClient> clients, CancellationToken cancellationToken)
    {
        foreach (var client in clients)
        {
            var nodes = await NodesAsync(client, cancellationToken);
            if (nodes.Count != clients.Count || nodes.Any(flags => flags.Split(',').Any(IsBad)))
                return false;
        }

        return true;
    }

    private static async Task<bool> AllInSyncAsync(IEnumerable<RespClient> replicas, CancellationToken cancellationToken)
    {
        foreach (var replica in replicas)
        {
            if (await replica.ReadInfoAsync("master_link_status", cancellationToken) != "up")
                return false;
        }

        return true;
    }
}
