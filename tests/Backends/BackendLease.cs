namespace SessionStores.Backends;

/// <summary>The result of asking for a backend: a running one, or the reason why it is missing. Disposing it ends the backend.</summary>
public sealed class BackendLease<TBackend> : IAsyncDisposable
    where TBackend : Backend
{
    private readonly TBackend? _backend;

    internal BackendLease(string name, TBackend? backend, string reason) => (Name, _backend, Reason) = (name, backend, reason);

    /// <summary>The name that <c>SESSIONSTORES_REQUIRE</c> knows, such as <c>redis</c>.</summary>
    public string Name { get; }

    /// <summary>Whether there is a running backend.</summary>
    public bool IsAvailable => _backend is not null;

    /// <summary>Why the backend is missing, as a sentence to skip a test with; empty when it is there.</summary>
    public string Reason { get; }

    /// <summary>The running backend.</summary>
    /// <exception cref="BackendUnavailableException">The backend is missing; the message is <see cref="Reason"/>.</exception>
    public TBackend Backend => _backend ?? throw new BackendUnavailableException(Reason);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _backend?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>A backend that is required, or that a test used without asking first, cannot run here. The message says why.</summary>
public sealed class BackendUnavailableException(string message) : Exception(message);
