namespace SessionStores.Backends;

/// <summary>A Redis Cluster of three primaries with one replica each. A replica takes over about two seconds after its primary is gone.</summary>
public sealed class RedisClusterBackend : RedisServers
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

    private RedisClusterBackend(ServerSource source, IReadOnlyList<ServerHandle> servers, string? password)
        : base(BackendName, source, servers, password)
    {
    }

    private IEnumerable<ServerHandle> Running => Servers.Where(server => server.IsRunning);

    /// <summary>Starts six servers in containers or from a local binary, forms the cluster, and waits until all of them call it ok.</summary>
    /// <inheritdoc cref="RedisBackend.StartAsync"/>
    public static Task<BackendLease<RedisClusterBackend>> StartAsync(
        RedisBackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new RedisBackendOptions();
        return new BackendAcquisition<RedisClusterBackend>(BackendName, options, cancellationToken)
        {
            Images = [ContainerImages.Redis],
            FindBinary = FindBinary,
            Start = async source =>
            {
                List<ServerHandle> servers = [];
                for (var index = 0; index < Primaries * 2; index++)
                    servers.Add(await StartAsync(source, $"redis cluster node {index}", options, hostNetwork: true, ClusterArguments, cancellationToken));
                var backend = new RedisClusterBackend(source, servers, options.Password);
                await backend.FormAsync(cancellationToken);
                return backend;
            },
        }.RunAsync();
    }

    /// <summary>The running servers that are primaries now.</summary>
    public async Task<IReadOnlyList<ServerHandle>> FindPrimariesAsync(CancellationToken cancellationToken = default)
    {
        List<ServerHandle> found = [];
        foreach (var server in Running)
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
            catch (RespErrorException exception) when (exception.Message.Split(' ')[0] is "MOVED" or "CLUSTERDOWN")
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
                foreach (var server in Running)
                {
                    using var client = await ConnectAsync(server, token);
                    var info = (string)(await client.SendAsync(token, "CLUSTER", "INFO"))!;
                    var nodes = await ReadNodesAsync(client, token);
                    if (!info.Contains("cluster_state:ok", StringComparison.Ordinal)
                        || nodes.Count(flags => flags.Contains("master") && !flags.Any(IsBad)) != Primaries)
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

    private static bool IsBad(string flag) => flag is "fail" or "fail?" or "handshake" or "noaddr";

    // The flags of each node, which has a line: id, address, flags, …
    private static async Task<IReadOnlyList<string[]>> ReadNodesAsync(RespClient client, CancellationToken cancellationToken) =>
        [.. ((string)(await client.SendAsync(cancellationToken, "CLUSTER", "NODES"))!)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[2].Split(','))];

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
                var (first, next) = (Slots * index / Primaries, Slots * (index + 1) / Primaries);
                await clients[index].SendAsync(cancellationToken, "CLUSTER", "ADDSLOTSRANGE", $"{first}", $"{next - 1}");
            }

            foreach (var server in Servers.Skip(1))
                await clients[0].SendAsync(cancellationToken, "CLUSTER", "MEET", server.Host, $"{server.Port}");
            await Wait.UntilAsync(
                async token => (await Task.WhenAll(clients.Select(client => ReadNodesAsync(client, token))))
                    .All(nodes => nodes.Count == clients.Count && !nodes.Any(flags => flags.Any(IsBad))),
                Deadline, "the Redis cluster nodes to meet", cancellationToken);
            for (var index = 0; index < Primaries; index++)
            {
                var primary = (string)(await clients[index].SendAsync(cancellationToken, "CLUSTER", "MYID"))!;
                await clients[index + Primaries].SendAsync(cancellationToken, "CLUSTER", "REPLICATE", primary);
            }

            await Wait.UntilAsync(
                async token => (await Task.WhenAll(clients.Skip(Primaries).Select(replica => replica.ReadInfoAsync("master_link_status", token))))
                    .All(status => status == "up"),
                Deadline, "the Redis cluster replicas to be in sync", cancellationToken);
            await WaitUntilOkAsync(cancellationToken);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }
}
