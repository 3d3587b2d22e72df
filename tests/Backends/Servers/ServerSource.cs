namespace SessionStores.Backends;

/// <summary>What the servers of one backend run from: an image or a local binary; the other one is empty.</summary>
internal sealed record ServerSource(string Image, string Binary)
{
    private readonly List<ServerHandle> _started = [];

    public bool IsContainer => Image.Length > 0;

    /// <summary>How many servers of which source, for the summary: <c>2 containers redis:8.0</c>.</summary>
    public string Describe(int servers = 1) => (IsContainer, servers) switch
    {
        (true, 1) => $"container {ContainerImages.FullName(Image)}",
        (true, _) => $"{servers} containers {ContainerImages.FullName(Image)}",
        (false, 1) => $"local binary {Binary}",
        (false, _) => $"local binary {Binary}, {servers} servers",
    };

    /// <summary>Starts a server and waits until it is ready.</summary>
    public async Task<ServerHandle> StartAsync(ServerSpec spec, CancellationToken cancellationToken)
    {
        var server = await ServerHandle.StartAsync(this, spec, cancellationToken);
        _started.Add(server);
        return server;
    }

    /// <summary>Ends all servers that were started, when one of them or what they form together failed.</summary>
    public async Task DisposeStartedAsync()
    {
        foreach (var server in _started)
            await server.DisposeAsync();
    }
}
