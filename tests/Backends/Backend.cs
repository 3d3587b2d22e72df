namespace SessionStores.Backends;

/// <summary>A running backend of one server or more. Disposing it ends what was started for it.</summary>
public abstract class Backend : IAsyncDisposable
{
    private protected Backend(string name, string description, string connectionString, IReadOnlyList<ServerHandle> servers)
    {
        Name = name;
        Description = description;
        ConnectionString = connectionString;
        Servers = servers;
    }

    /// <summary>The name that <c>SESSIONSTORES_REQUIRE</c> knows, such as <c>redis-cluster</c>.</summary>
    public string Name { get; }

    /// <summary>Where it came from and the version that the server reports, such as <c>container redis:8.0, Redis 8.0.2</c>.</summary>
    public string Description { get; private set; }

    /// <summary>The connection string for the driver of this backend; names every server that a client may start from.</summary>
    public string ConnectionString { get; }

    /// <summary>The servers, each with handles of its own.</summary>
    public IReadOnlyList<ServerHandle> Servers { get; }

    /// <summary>Whether the handles work: false when the server came by connection string.</summary>
    public bool CanControl => Servers.All(server => server.CanControl);

    /// <inheritdoc cref="ServerHandle.StopAsync"/>
    public Task StopAsync(CancellationToken cancellationToken = default) =>
        Task.WhenAll(Servers.Select(server => server.StopAsync(cancellationToken)));

    /// <inheritdoc cref="ServerHandle.KillAsync"/>
    public Task KillAsync(CancellationToken cancellationToken = default) =>
        Task.WhenAll(Servers.Select(server => server.KillAsync(cancellationToken)));

    /// <inheritdoc cref="ServerHandle.PauseAsync"/>
    public Task PauseAsync(CancellationToken cancellationToken = default) =>
        Task.WhenAll(Servers.Select(server => server.PauseAsync(cancellationToken)));

    /// <inheritdoc cref="ServerHandle.ResumeAsync"/>
    public Task ResumeAsync(CancellationToken cancellationToken = default) =>
        Task.WhenAll(Servers.Select(server => server.ResumeAsync(cancellationToken)));

    /// <inheritdoc cref="ServerHandle.RestartAsync"/>
    public virtual Task RestartAsync(CancellationToken cancellationToken = default) =>
        Task.WhenAll(Servers.Select(server => server.RestartAsync(cancellationToken)));

    /// <summary>Completes <see cref="Description"/>.</summary>
    internal async Task DescribeAsync(CancellationToken cancellationToken) => Description += $", {await ReadVersionAsync(cancellationToken)}";

    /// <summary>The product and version that the server reports, such as <c>Redis 8.0.2</c>.</summary>
    private protected abstract Task<string> ReadVersionAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var server in Servers.Reverse())
            await server.DisposeAsync();
    }
}
