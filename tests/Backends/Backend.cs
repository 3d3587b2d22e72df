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
    public string Description { get; internal set; }

    /// <summary>The connection string for the driver of this backend; names every server that a client may start from.</summary>
    public string ConnectionString { get; }

    /// <summary>The servers, each with handles of its own.</summary>
    public IReadOnlyList<ServerHandle> Servers { get; }

    /// <inheritdoc cref="ServerHandle.CanControl"/>
    public bool CanControl => Servers.All(server => server.CanControl);

    /// <inheritdoc cref="ServerHandle.StopAsync"/>
    public Task StopAsync(CancellationToken cancellationToken = default) => ForAll(server => server.StopAsync(cancellationToken));

    /// <inheritdoc cref="ServerHandle.KillAsync"/>
    public Task KillAsync(CancellationToken cancellationToken = default) => ForAll(server => server.KillAsync(cancellationToken));

    /// <inheritdoc cref="ServerHandle.PauseAsync"/>
    public Task PauseAsync(CancellationToken cancellationToken = default) => ForAll(server => server.PauseAsync(cancellationToken));

    /// <inheritdoc cref="ServerHandle.ResumeAsync"/>
    public Task ResumeAsync(CancellationToken cancellationToken = default) => ForAll(server => server.ResumeAsync(cancellationToken));

    /// <inheritdoc cref="ServerHandle.RestartAsync"/>
    public virtual Task RestartAsync(CancellationToken cancellationToken = default) => ForAll(server => server.RestartAsync(cancellationToken));

    /// <summary>The ids of the processes of all servers on this machine; none where they are not ours.</summary>
    public virtual async Task<IReadOnlyList<int>> ReadProcessIdsAsync(CancellationToken cancellationToken = default)
    {
        var ids = new List<int>();
        foreach (var server in Servers.Where(server => server.CanControl))
            ids.AddRange(await server.ReadProcessIdsAsync(cancellationToken));

        return ids;
    }

    /// <summary>The product and version that the server reports, such as <c>Redis 8.0.2</c>.</summary>
    internal abstract Task<string> ReadVersionAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var server in Servers.Reverse())
            await server.DisposeAsync();
    }

    private Task ForAll(Func<ServerHandle, Task> action) => Task.WhenAll(Servers.Select(action));
}
