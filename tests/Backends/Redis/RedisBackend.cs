namespace SessionStores.Backends;

/// <summary>One Redis server.</summary>
public sealed class RedisBackend : RedisServers
{
    private const string BackendName = "redis";
    private const string Variable = "SESSIONSTORES_REDIS";

    private RedisBackend(ServerSource source, ServerHandle server, string? password)
        : base(BackendName, source, [server], password)
    {
    }

    private RedisBackend(string connectionString, ServerHandle server, string? password)
        : base(BackendName, $"connection string of {Variable}", connectionString, [server], password)
    {
    }

    /// <summary>The server.</summary>
    public ServerHandle Server => Servers[0];

    /// <summary>Gets a server: from <c>SESSIONSTORES_REDIS</c>, a container, or a local binary.</summary>
    /// <exception cref="BackendUnavailableException">The server is missing, and <c>SESSIONSTORES_REQUIRE</c> names <c>redis</c>.</exception>
    /// <exception cref="BackendStartException">There is one, but it did not start.</exception>
    public static Task<BackendLease<RedisBackend>> StartAsync(RedisBackendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new RedisBackendOptions();
        return new BackendAcquisition<RedisBackend>(BackendName, options, cancellationToken)
        {
            Variable = Variable,
            Connect = async text =>
            {
                // The first server of a StackExchange.Redis connection string and its password; other options are the driver's business.
                var parts = text.Split(',', StringSplitOptions.TrimEntries);
                var address = new Uri($"redis://{parts[0]}");
                var password = parts.FirstOrDefault(part => part.StartsWith("password=", StringComparison.OrdinalIgnoreCase))?["password=".Length..];
                var server = new ServerHandle(BackendName, address.DnsSafeHost, address.Port < 0 ? 6379 : address.Port, Variable);
                using var client = await RespClient.ConnectAsync(server.Host, server.Port, password, cancellationToken);
                return new RedisBackend(text, server, password);
            },
            Images = [options.Image ?? ContainerImages.Redis],
            FindBinary = FindBinary,
            Start = async source => new RedisBackend(
                source, await StartAsync(source, BackendName, options, options.HostNetwork, [], cancellationToken), options.Password),
        }.RunAsync();
    }

    /// <summary>Opens a plain connection, past the driver under test.</summary>
    public Task<RespClient> ConnectAsync(CancellationToken cancellationToken = default) => ConnectAsync(Server, cancellationToken);
}
