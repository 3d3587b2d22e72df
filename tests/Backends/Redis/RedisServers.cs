namespace SessionStores.Backends;

/// <summary>Starts single Redis servers, for the three kinds of Redis backend.</summary>
internal sealed class RedisServers(RedisBackendOptions options, CancellationToken cancellationToken)
{
    /// <summary>The binary: <c>SESSIONSTORES_REDIS_SERVER</c>, or redis-server, or valkey-server on the PATH.</summary>
    public static string? FindBinary() =>
        Environment.GetEnvironmentVariable("SESSIONSTORES_REDIS_SERVER") is { Length: > 0 } named
            ? Executable.Find(named)
            : Executable.Find("redis-server", "valkey-server");

    public static string NoBinary =>
        Environment.GetEnvironmentVariable("SESSIONSTORES_REDIS_SERVER") is { Length: > 0 } named
            ? $"SESSIONSTORES_REDIS_SERVER names {named}, which is not there"
            : "neither redis-server nor valkey-server is on the PATH";

    /// <summary>The connection string of StackExchange.Redis.</summary>
    public string ConnectionStringOf(IEnumerable<ServerHandle> servers)
    {
        var text = string.Join(',', servers.Select(server => $"{server.Host}:{server.Port}"));
        return options.Password is null ? text : $"{text},password={options.Password}";
    }

    public Task<RespClient> ConnectAsync(ServerHandle server) =>
        RespClient.ConnectAsync(server.Host, server.Port, options.Password, cancellationToken);

    public async Task<ServerHandle> StartProcessAsync(string binary, string name, bool cluster, params string[] more)
    {
        // A port that someone outside our own tests took between the check and the start shows as a failed bind: draw again.
        for (var attempt = 1; ; attempt++)
        {
            var port = PortReservation.Take(cluster);
            var folder = await TemporaryFolder.CreateAsync(ServerUser.Current);
            var spec = new ProcessServerSpec
            {
                Name = name,
                Port = port,
                Folder = folder,
                User = ServerUser.Current,
                CommandLine = [binary, .. options.ArgumentsFor("127.0.0.1", port.Port, folder.FullPath), .. more],
                IsReady = token => AnswersAsync(port.Port, token),
                StartDeadline = options.StartDeadline,
            };
            try
            {
                return await ProcessServer.StartAsync(spec, cancellationToken);
            }
            catch (BackendStartException exception) when (attempt < 5 && exception.Message.Contains("Address already in use", StringComparison.Ordinal))
            {
            }
        }
    }

    public Task<ServerHandle> StartContainerAsync(string name, bool hostNetwork, params string[] more)
    {
        var port = PortReservation.Take(withClusterBus: hostNetwork);
        var spec = new ContainerServerSpec
        {
            Name = name,
            Port = port,
            Image = ContainerImages.Redis,
            HostNetwork = hostNetwork,
            CommandLine = ["redis-server", .. options.ArgumentsFor(hostNetwork ? "127.0.0.1" : "0.0.0.0", port.Port, "/data"), .. more],
            IsReady = token => AnswersAsync(port.Port, token),
            StartDeadline = options.StartDeadline,
        };
        return ContainerServer.StartAsync(spec, cancellationToken);
    }

    private async Task<bool> AnswersAsync(int port, CancellationToken token)
    {
        try
        {
            using var client = await RespClient.ConnectAsync("127.0.0.1", port, options.Password, token);
            return await client.SendAsync(token, "PING") is "PONG";
        }
        catch (RespErrorException exception) when (exception.Message.StartsWith("LOADING", StringComparison.Ordinal)
            || exception.Message.StartsWith("MASTERDOWN", StringComparison.Ordinal))
        {
            return false;
        }
    }
}
