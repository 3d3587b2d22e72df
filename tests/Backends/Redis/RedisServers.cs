namespace SessionStores.Backends;

/// <summary>A Redis backend of one server or more; only its constructors are not public.</summary>
public abstract class RedisServers : Backend
{
    private readonly string? _password;

    private protected RedisServers(string name, string description, string connectionString, IReadOnlyList<ServerHandle> servers, string? password)
        : base(name, description, connectionString, servers) => _password = password;

    /// <summary>Servers that were started here.</summary>
    private protected RedisServers(string name, ServerSource source, IReadOnlyList<ServerHandle> servers, string? password)
        : this(name, source.Describe(servers.Count), ConnectionStringOf(servers, password), servers, password)
    {
    }

    /// <summary>Opens a plain connection to one of the servers, past the driver under test; it follows no redirect.</summary>
    public Task<RespClient> ConnectAsync(ServerHandle server, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        return RespClient.ConnectAsync(server.Host, server.Port, _password, cancellationToken);
    }

    internal override async Task<string> ReadVersionAsync(CancellationToken cancellationToken)
    {
        using var client = await ConnectAsync(Servers[0], cancellationToken);
        return await client.ReadInfoAsync("valkey_version", cancellationToken) is { } valkey
            ? $"Valkey {valkey}"
            : $"Redis {await client.ReadInfoAsync("redis_version", cancellationToken)}";
    }

    /// <summary><c>SESSIONSTORES_REDIS_SERVER</c>, or redis-server, or valkey-server on the PATH.</summary>
    private protected static (string? Binary, string WhyNot) FindBinary() =>
        Environment.GetEnvironmentVariable("SESSIONSTORES_REDIS_SERVER") is { Length: > 0 } named
            ? (Executable.Find(named), $"SESSIONSTORES_REDIS_SERVER names {named}, which does not exist")
            : (Executable.Find("redis-server", "valkey-server"), "neither redis-server nor valkey-server is on the PATH");

    private protected static Task<ServerHandle> StartAsync(
        ServerSource source, string name, RedisBackendOptions options, bool hostNetwork, string[] more, CancellationToken cancellationToken)
    {
        var spec = new ServerSpec
        {
            Name = name,
            HostNetwork = hostNetwork,
            Command = place => ["redis-server", .. options.ArgumentsFor(place), .. more],
            IsReady = async (port, token) =>
            {
                using var client = await RespClient.ConnectAsync("127.0.0.1", port, options.Password, token);
                return await client.SendAsync(token, "PING") is "PONG";
            },
        };
        return source.StartAsync(spec, cancellationToken);
    }

    // That of StackExchange.Redis.
    private static string ConnectionStringOf(IEnumerable<ServerHandle> servers, string? password) =>
        string.Join(',', servers.Select(server => $"{server.Host}:{server.Port}")) + (password is null ? "" : $",password={password}");
}
