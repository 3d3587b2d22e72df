namespace SessionStores.AspNetCore;

/// <summary>Lets the writers of one contended session in this process run one after the other, so that they do not keep causing conflicts. No
/// writer waits before there was a conflict, and correctness does not depend on it: the store's versions ensure that.</summary>
internal sealed class WriterGates
{
    private const int Count = 256;
    private readonly SemaphoreSlim?[] _gates = new SemaphoreSlim?[Count];

    /// <summary>Waits if another writer holds the gate of this session; otherwise returns without taking it.</summary>
    public ValueTask<SemaphoreSlim?> EnterIfHeldAsync(string id, CancellationToken cancellationToken)
    {
        var gate = Volatile.Read(ref _gates[IndexOf(id)]);
        return gate is null || gate.CurrentCount > 0 ? default : WaitAsync(gate, cancellationToken);
    }

    /// <summary>Takes the gate of this session.</summary>
    public ValueTask<SemaphoreSlim?> EnterAsync(string id, CancellationToken cancellationToken)
    {
        ref var slot = ref _gates[IndexOf(id)];
        var gate = Volatile.Read(ref slot);
        if (gate is null)
        {
            var fresh = new SemaphoreSlim(1, 1);
            gate = Interlocked.CompareExchange(ref slot, fresh, null) ?? fresh;
        }

        return WaitAsync(gate, cancellationToken);
    }

    private static async ValueTask<SemaphoreSlim?> WaitAsync(SemaphoreSlim gate, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        return gate;
    }

    private static int IndexOf(string id) => (int)((uint)string.GetHashCode(id, StringComparison.Ordinal) % Count);
}
