namespace SessionStores.Moving.Tests;

/// <summary>The calls of one node to the two stores, counted over both, one of which is where the node dies or is held.</summary>
internal sealed class Steps
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;
    private bool _isDead;

    /// <summary>The number of the call before which the node dies; 0 for none.</summary>
    public int DiesBefore { get; init; }

    /// <summary>The number of the call after which the node dies, so that it does not learn its result; 0 for none.</summary>
    public int DiesAfter { get; init; }

    /// <summary>The number of the call before which the node is held until <see cref="Release"/>; 0 for none.</summary>
    public int HeldBefore { get; init; }

    public int Calls => _calls;

    /// <summary>Completes when the node is held.</summary>
    public Task Reached => _reached.Task;

    public string? HeldAt { get; private set; }

    public ISessionStore Side(string name, ISessionStore store) => new SteppedStore(store, this, name);

    public void Release() => _released.TrySetResult();

    private async ValueTask<T> RunAsync<T>(string name, Func<ValueTask<T>> call)
    {
        ObjectDisposedException.ThrowIf(_isDead, this);
        var number = Interlocked.Increment(ref _calls);
        if (number == DiesBefore)
            Die(name);

        if (number == HeldBefore)
        {
            HeldAt = name;
            _reached.TrySetResult();
            await _released.Task;
        }

        var result = await call();
        if (number == DiesAfter)
            Die(name);

        return result;
    }

    private void Die(string name)
    {
        _isDead = true;
        throw new NodeDiedException($"The node died at call {_calls}, {name}.");
    }

    private sealed class SteppedStore(ISessionStore inner, Steps steps, string name) : ForwardingStore(inner)
    {
        protected override ValueTask<T> RunAsync<T>(string operation, Func<ValueTask<T>> call) => steps.RunAsync($"{name}.{operation}", call);
    }
}

/// <summary>The process of a node has ended in the middle of a call.</summary>
internal sealed class NodeDiedException(string message) : Exception(message);
