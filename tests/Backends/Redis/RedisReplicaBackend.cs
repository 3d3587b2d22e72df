namespace SessionStores.Backends;

/// <summary>
/// A Redis primary and its replica. The connection string names both. Which server is the primary changes with
/// <see cref="PromoteAsync"/> and <see cref="SwitchRolesAsync"/>.
/// </summary>
public sealed class RedisReplicaBackend : Backend
{
    private const string BackendName = "redis-replica";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly string? _password;

    private RedisReplicaBackend(string description, string connectionString, ServerHandle primary, ServerHandle replica, string? password)
        : base(BackendName, description, connectionString, [primary, replica])
    {
        Primary = primary;
        Replica = replica;
        _password = password;
    }

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
        var servers = new RedisServers(options, cancellationToken);
        return new BackendAcquisition<RedisReplicaBackend>(BackendName, options)
        {
            FromConnectionString = search => Task.FromResult(search.NotThere("it is always started here, so that its roles can change")),
            FromContainer = async search =>
            {
                if (await ContainerEngine.WhyNotAsync(ContainerImages.Redis, cancellationToken) is { } reason)
                    return search.NotThere(reason);
                return await StartAsync(
                    $"2 containers {ContainerImages.FullName(ContainerImages.Redis)}", (name, more) => servers.StartContainerAsync(name, hostNetwork: true, more), options, cancellationToken);
            },
            FromBinary = async search =>
            {
                if (RedisServers.FindBinary() is not { } binary)
                    return search.NotThere(RedisServers.NoBinary);
                return await StartAsync(
                    $"local binary {binary}, 2 processes",
                    (name, more) => servers.StartProcessAsync(binary, name, cluster: false, more), options, cancellationToken);
            },
        }.RunAsync();
    }

    /// <summary>Opens a plain connection to one of the two.</summary>
    public Task<RespClient> ConnectAsync(ServerHandle server, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        return RespClient.ConnectAsync(server.Host, server.Port, _password, cancellationToken);
    }

    private protected override async Task<string> ReadVersionAsync(CancellationToken cancellationToken)
    {
        using var client = await ConnectAsync(Primary, cancellationToken);
        return await client.ReadVersionAsync(cancellationToken);
    }

    /// <summary>Waits until the replica is connected and has everything that the primary has written so far.</summary>
    public async Task WaitUntilInSyncAsync(CancellationToken cancellationToken = default)
    {
        using var primary = await ConnectAsync(Primary, cancellationToken);
        using var replica = await ConnectAsync(Replica, cancellationToken);
        await Wait.UntilAsync(
            async token => await replica.ReadInfoAsync("master_link_status", token) == "up"
                && await replica.ReadInfoAsync("master_port", token) == $"{Primary.Port}"
                && await AcknowledgesAsync(primary, token)
                && await replica.ReadInfoAsync("master_repl_offset", token) == await primary.ReadInfoAsync("master_repl_offset", token),
            Deadline, "the Redis replica to be in sync", cancellationToken);
    }

    /// <summary>Whether a message that is sent now is acknowledged: a replica says that its link is up before the stream of writes has begun,
    /// which waits for its first acknowledgement.</summary>
    private static async Task<bool> AcknowledgesAsync(RespClient primary, CancellationToken cancellationToken)
    {
        await primary.SendAsync(cancellationToken, "PUBLISH", "in-sync", "?");
        return await primary.SendAsync(cancellationToken, "WAIT", "1", "1000") is 1L;
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

    /// <summary>Makes the server that is <see cref="Replica"/> now follow <see cref="Primary"/>, and waits until it is in sync.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken = default)
    {
        using (var client = await ConnectAsync(Replica, cancellationToken))
            await client.SendAsync(cancellationToken, "REPLICAOF", Primary.Host, $"{Primary.Port}");
        await WaitUntilInSyncAsync(cancellationToken);
    }

    /// <summary>An orderly change of roles (<c>FAILOVER</c>): both go on running, and nothing that was written is lost.</summary>
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

    private static async Task<RedisReplicaBackend> StartAsync(
        string description, Func<string, string[], Task<ServerHandle>> start, RedisBackendOptions options, CancellationToken cancellationToken)
    {
        var primary = await start("redis primary", []);
        ServerHandle? replica = null;
        try
        {
            replica = await start("redis replica", ["--replicaof", primary.Host, $"{primary.Port}"]);
            var servers = new RedisServers(options, cancellationToken);
            var backend = new RedisReplicaBackend(
                description, servers.ConnectionStringOf([primary, replica]), primary, replica, options.Password);
            await backend.WaitUntilInSyncAsync(cancellationToken);
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
}
