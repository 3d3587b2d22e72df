namespace SessionStores.Backends;

/// <summary>One Redis server.</summary>
public sealed class RedisBackend : Backend
{
    private const string BackendName = "redis";
    private const string Variable = "SESSIONSTORES_REDIS";
    private readonly string? _password;

    private RedisBackend(string description, string connectionString, ServerHandle server, string? password)
        : base(BackendName, description, connectionString, [server])
    {
        _password = password;
    }

    /// <summary>The server.</summary>
    public ServerHandle Server => Servers[0];

    /// <summary>Gets a server: from <c>SESSIONSTORES_REDIS</c>, a container, or a local binary.</summary>
    /// <exception cref="BackendUnavailableException">There is none, and <c>SESSIONSTORES_REQUIRE</c> names <c>redis</c>.</exception>
    /// <exception cref="BackendStartException">There is one, but it did not start.</exception>
    public static Task<BackendLease<RedisBackend>> StartAsync(
        RedisBackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new RedisBackendOptions();
        var servers = new RedisServers(options, cancellationToken);
        return new BackendAcquisition<RedisBackend>(BackendName, options)
        {
            FromConnectionString = async search =>
            {
                if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
                    return search.NotThere($"{Variable} is not set");
                var (host, port, password) = ReadConnectionString(text);
                using var client = await RespClient.ConnectAsync(host, port, password, cancellationToken);
                return new RedisBackend($"connection string of {Variable}", text, new ExternalServer(BackendName, host, port, Variable), password);
            },
            FromContainer = async search =>
            {
                if (await ContainerEngine.WhyNotAsync(ContainerImages.Redis, cancellationToken) is { } reason)
                    return search.NotThere(reason);
                var server = await servers.StartContainerAsync(BackendName, hostNetwork: false);
                return new RedisBackend($"container {ContainerImages.FullName(ContainerImages.Redis)}", servers.ConnectionStringOf([server]), server, options.Password);
            },
            FromBinary = async search =>
            {
                if (RedisServers.FindBinary() is not { } binary)
                    return search.NotThere(RedisServers.NoBinary);
                var server = await servers.StartProcessAsync(binary, BackendName, cluster: false);
                return new RedisBackend($"local binary {binary}", servers.ConnectionStringOf([server]), server, options.Password);
            },
        }.RunAsync();
    }

    /// <summary>Opens a plain connection, past the driver under test.</summary>
    public Task<RespClient> ConnectAsync(CancellationToken cancellationToken = default) =>
        RespClient.ConnectAsync(Server.Host, Server.Port, _password, cancellationToken);

    private protected override async Task<string> ReadVersionAsync(CancellationToken cancellationToken)
    {
        using var client = await ConnectAsync(cancellationToken);
        return await client.ReadVersionAsync(cancellationToken);
    }

    // The first server of a StackExchange.Redis connection string and its password; other options are the driver's business.
    private static (string Host, int Port, string? Password) ReadConnectionString(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var password = parts.FirstOrDefault(part => part.StartsWith("password=", StringComparison.OrdinalIgnoreCase))?["password=".Length..];
        var (host, port) = HostAndPort.Parse(parts[0], 6379);
        return (host, port, password);
    }
}
