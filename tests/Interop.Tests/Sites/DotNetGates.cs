using System.Collections.Concurrent;

namespace SessionStores.Interop.Tests.Sites;

/// <summary>A request can stop at a gate until the scenario opens it, so that two requests interleave in a known order.</summary>
internal sealed class DotNetGates
{
    private readonly ConcurrentDictionary<string, Gate> _gates = new();

    public async Task StopAtAsync(string name)
    {
        var gate = Find(name);
        gate.Reached.TrySetResult();
        await gate.Opened.Task;
        _gates.TryRemove(name, out _);
    }

    public Task ReachedAsync(string name) => Find(name).Reached.Task;

    public void Open(string name) => Find(name).Opened.TrySetResult();

    private Gate Find(string name) => _gates.GetOrAdd(name, _ => new Gate());

    private sealed class Gate
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
