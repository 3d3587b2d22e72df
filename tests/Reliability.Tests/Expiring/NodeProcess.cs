using System.Collections.Concurrent;
using System.Diagnostics;

namespace SessionStores.Reliability.Tests.Expiring;

/// <summary>A node in a process of its own, and what it has printed.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;
    private readonly ConcurrentQueue<string> _events = new();
    private bool _isKilled;

    public NodeProcess(string store, string connection, int holdsAfter = 0)
    {
        _process = ThisProgram.Start(ExpiringNode.Command, store, connection, $"{holdsAfter}");
        _reading = ReadAsync();
    }

    /// <summary>The labels of the sessions that it has reported so far.</summary>
    /// <exception cref="InvalidOperationException">The process has ended by itself.</exception>
    public IReadOnlyCollection<string> Events => _reading.IsCompleted && !_isKilled
        ? throw new InvalidOperationException("A node has ended. Its error is in the output of this run.")
        : _events;

    /// <summary>Lets the node begin. Its process runs already, which takes a while on a machine that is busy.</summary>
    public Task BeginAsync() => _process.StandardInput.WriteLineAsync();

    /// <summary>Ends the process by SIGKILL, with what it has claimed.</summary>
    public async Task KillAsync()
    {
        _isKilled = true;
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            _events.Enqueue(line);
    }
}
