using SessionStores.Conformance;

namespace SessionStores.Conformance.Tests.Reference;

/// <summary>A server in memory: tables by namespace, one atomic step for each command, and faults that can be brought about.</summary>
public sealed class ReferenceServer : IServerFaults
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ReferenceTable> _tables = [];
    private TaskCompletionSource _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ServerFault? _fault;

    public IReadOnlySet<ServerFault> Offered { get; } = Enum.GetValues<ServerFault>().ToHashSet();

    public bool KeepsWrites => true;

    public bool IsDisposed { get; private set; }

    /// <summary>How stores are made on this server when it serves the fault cases.</summary>
    public Func<ReferenceServer, string, StoreSettings, ISessionStore>? Create { get; init; }

    /// <summary>Runs a command in one step.</summary>
    public async Task<T> ExecuteAsync<T>(string name, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);

        // A round trip takes a moment, in which others have their turn. Its length varies: with one thread and equal lengths, callers would take
        // turns in the same order again and again, and most orders would never occur.
        for (var turns = Random.Shared.Next(1, 8); turns > 0; turns--)
            await Task.Yield();

        cancellationToken.ThrowIfCancellationRequested();
        if (_fault is ServerFault.Hanging)
            await _hangs.Task.WaitAsync(cancellationToken);

        lock (_lock)
        {
            switch (_fault)
            {
                case ServerFault.Stopped or ServerFault.Killed:
                    throw new ReferenceServerException("away", "the server is away");
                case ServerFault.ReadOnly when writes:
                    throw new ReferenceServerException("readonly", "the server takes no writes");
                case ServerFault.Disconnected:
                    _fault = null;
                    throw new ReferenceServerException("away", "the connection was cut");
            }

            var answer = command(TableOf(name));
            return _fault is ServerFault.DropAfterSend ? throw new ReferenceServerException("lost", "the connection was cut") : answer;
        }
    }

    public T Inspect<T>(string name, Func<ReferenceTable, T> look)
    {
        lock (_lock)
            return look(TableOf(name));
    }

    public IReadOnlyList<string> Names()
    {
        lock (_lock)
            return [.. _tables.Keys];
    }

    public void Drop(string name)
    {
        lock (_lock)
            _tables.Remove(name);
    }

    public ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings) => new(Create!(this, @namespace, settings));

    public void Begin(ServerFault fault)
    {
        lock (_lock)
            _fault = fault;
    }

    public ValueTask BeginAsync(ServerFault fault)
    {
        Begin(fault);
        return default;
    }

    public ValueTask EndAsync(ServerFault fault)
    {
        lock (_lock)
        {
            _fault = null;
            _hangs.TrySetResult();
            _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return default;
    }

    public void Dispose() => IsDisposed = true;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private ReferenceTable TableOf(string name)
    {
        if (!_tables.TryGetValue(name, out var table))
            _tables[name] = table = new ReferenceTable();

        return table;
    }
}

/// <summary>What the driver of the reference server throws.</summary>
public sealed class ReferenceServerException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
