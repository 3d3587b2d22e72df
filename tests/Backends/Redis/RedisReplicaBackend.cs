namespace SessionStores.Backends;

/// <summary>
/// A Redis primary and its replica. The connection string names both. Which server is the primary changes with
/// <see cref="PromoteAsync"/> and <see cref="SwitchRolesAsync"/>.
/// </summary>
public sealed class RedisReplicaBackend : RedisServers
{
    private const string BackendName = "redis-replica";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly Func<ServerHandle, CancellationToken, Task<ServerHandle>> _startReplicaOf;
    private TcpFault? _network;
    private ServerHandle? _next;

    private RedisReplicaBackend(
        ServerSource source, ServerHandle primary, ServerHandle replica, string? password, Func<ServerHandle, CancellationToken, Task<ServerHandle>> startReplicaOf)
        : base(BackendName, source, [primary, replica], password) => (Primary, Replica, _startReplicaOf) = (primary, replica, startReplicaOf);

    /// <summary>The server that takes writes.</summary>
    public ServerHandle Primary { get; private set; }

    /// <summary>The other one.</summary>
    public ServerHandle Replica { get; private set; }

    /// <summary>Starts both in containers or from a local binary, and waits until the replica is in sync.</summary>
    /// <inheritdoc cref="RedisBackend.StartAsync"/>
    public static Task<BackendLease<RedisReplicaBackend>> StartAsync(
        RedisBackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new RedisBackendOptions();
        return new BackendAcquisition<RedisReplicaBackend>(BackendName, options, cancellationToken)
        {
            Images = [ContainerImages.Redis],
            FindBinary = FindBinary,
            Start = async source =>
            {
                var primary = await StartAsync(source, "redis primary", options, hostNetwork: true, [], cancellationToken);
                var replica = await StartReplicaOfAsync(primary, cancellationToken);
                var backend = new RedisReplicaBackend(source, primary, replica, options.Password, StartReplicaOfAsync);
                await backend.WaitUntilInSyncAsync(cancellationToken);
                return backend;

                Task<ServerHandle> StartReplicaOfAsync(ServerHandle followed, CancellationToken token) => StartAsync(
                    source, "redis replica", options, hostNetwork: true, ["--replicaof", followed.Host, $"{followed.Port}"], token);
            },
        }.RunAsync();
    }

    /// <summary>Waits until the replica is connected and has everything that the primary has written so far.</summary>
    public async Task WaitUntilInSyncAsync(CancellationToken cancellationToken = default)
    {
        using var primary = await ConnectAsync(Primary, cancellationToken);
        using var replica = await ConnectAsync(Replica, cancellationToken);
        await Wait.UntilAsync(
            async token => await replica.ReadInfoAsync("master_link_status", token) == "up"
                && await replica.ReadInfoAsync("master_port", token) == $"{_network?.Port ?? Primary.Port}"
                && await AcknowledgesAsync(primary, token)
                && await replica.ReadInfoAsync("master_repl_offset", token) == await primary.ReadInfoAsync("master_repl_offset", token),
            Deadline, "the Redis replica to be in sync", cancellationToken);
    }

    /// <summary>Starts a replica of the replica, which has a replica of its own once it is promoted. The connection string does not name it.</summary>
    public async Task StartNextReplicaAsync(CancellationToken cancellationToken = default)
    {
        _next = await _startReplicaOf(Replica, cancellationToken);
        using var client = await ConnectAsync(_next, cancellationToken);
        await Wait.UntilAsync(
            async token => await client.ReadInfoAsync("master_link_status", token) == "up", Deadline, "the replica of the replica to be in sync", cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_next is not null)
            await _next.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>Makes the replica follow its primary through a proxy, so that the network between them can fail, and waits until it is in sync.</summary>
    public async Task FollowThroughAsync(TcpFault network, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network;
        using (var client = await ConnectAsync(Replica, cancellationToken))
            await client.SendAsync(cancellationToken, "REPLICAOF", network.Host, $"{network.Port}");
        await WaitUntilInSyncAsync(cancellationToken);
    }

    /// <summary>
    /// Makes the replica a primary, as after a failure: the old primary is not told. When it still runs, or runs again, there are two.
    /// </summary>
    public async Task PromoteAsync(CancellationToken cancellationToken = default)
    {
        using var client = await ConnectAsync(Replica, cancellationToken);
        await client.SendAsync(cancellationToken, "REPLICAOF", "NO", "ONE");
        (Primary, Replica) = (Replica, Primary);
    }

    /// <summary>An orderly change of roles (<c>FAILOVER</c>): both continue to run, and nothing that was written is lost.</summary>
    public async Task SwitchRolesAsync(CancellationToken cancellationToken = default)
    {
        await WaitUntilInSyncAsync(cancellationToken);
        using (var client = await ConnectAsync(Primary, cancellationToken))
        {
            await client.SendAsync(cancellationToken, "FAILOVER", "TO", Replica.Host, $"{Replica.Port}", "TIMEOUT", "10000");
            await Wait.UntilAsync(
                async token => await client.ReadInfoAsync("role", token) == "slave", Deadline, "the Redis servers to change roles", cancellationToken);
        }

        (Primary, Replica) = (Replica, Primary);
        await WaitUntilInSyncAsync(cancellationToken);
    }

    // Whether a message that is sent now is acknowledged: a replica says that its link is up before the stream of writes has begun, which waits
    // for its first acknowledgement.
    private static async Task<bool> AcknowledgesAsync(RespClient primary, CancellationToken cancellationToken)
    {
        await primary.SendAsync(cancellationToken, "PUBLISH", "in-sync", "?");
        return await primary.SendAsync(cancellationToken, "WAIT", "1", "1000") is 1L;
    }
}
