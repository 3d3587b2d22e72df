using System.Collections.Concurrent;

namespace SessionStores.Shared.Tests;

/// <summary>The connection of a store that has none: says what its callers were told.</summary>
internal sealed class TestHost(TimeSpan limit, TimeProvider? clock = null) : IRoundTripHost
{
    private readonly ConcurrentQueue<Exception> _takenApart = new();
    private volatile bool _isDisposed;

    public Deadline Deadline { get; } = new(limit, static _ => { }, clock);

    /// <summary>Why round trips were taken apart.</summary>
    public IReadOnlyCollection<Exception> TakenApart => _takenApart;

    public void Dispose() => _isDisposed = true;

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    public Exception Translate(string operation, Exception exception, CancellationToken cancellationToken) => new CallFailedException(operation, exception);

    public void LogTakenApart(Exception exception) => _takenApart.Enqueue(exception);
}

internal sealed class CallFailedException(string operation, Exception cause) : Exception(operation, cause);
