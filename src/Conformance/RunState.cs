using System.Collections.Concurrent;
using System.Reflection;

namespace SessionStores.Conformance;

/// <summary>What a fixture remembers of its run: the start, the seed, the results, the server of the fault cases.</summary>
internal sealed class RunState : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<CaseResult> _results = new();
    private readonly SemaphoreSlim _faults = new(1, 1);
    private Task? _started;
    private ulong? _seed;
    private IServerFaults? _faultyServer;
    private bool _faultyServerAsked;
    private bool _ended;

    /// <summary>How far the server's clock is ahead of ours.</summary>
    public TimeSpan ServerTimeOffset { get; set; }

    /// <summary>The version of the assembly that the store comes from.</summary>
    public string? StoreVersion { get; private set; }

    public Task StartOnceAsync(Func<Task> start)
    {
        lock (_lock)
            return _started ??= Task.Run(start);
    }

    public void Saw(ISessionStore store) => StoreVersion ??= store.GetType().Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    public ulong SeedOf(SessionStoreFixture fixture)
    {
        lock (_lock)
            return _seed ??= fixture.Seed ?? SeededRandom.NewSeed();
    }

    public void Add(CaseResult result) => _results.Enqueue(result);

    public bool TryEnd()
    {
        lock (_lock)
            return !_ended && (_ended = true);
    }

    /// <summary>Runs an action on the server, one at a time of the fault cases.</summary>
    public async Task WithFaultyServerAsync(SessionStoreFixture fixture, Func<IServerFaults, Task> action)
    {
        await _faults.WaitAsync();
        try
        {
            if (!_faultyServerAsked)
            {
                _faultyServer = await fixture.StartFaultyServerAsync();
                _faultyServerAsked = true;
            }

            await action(_faultyServer ?? throw new NotOfferedException("the fixture has no server for the fault cases"));
        }
        finally
        {
            _faults.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_faultyServer is not null)
            await _faultyServer.DisposeAsync();

        _faults.Dispose();
    }

    public ConformanceReport ToReport(SessionStoreFixture fixture) => new(
        fixture.Name,
        StoreVersion,
        fixture.ClientVersion,
        fixture.ServerVersion,
        SeedOf(fixture),
        [.. _results.OrderBy(result => result.Case.Group, StringComparer.Ordinal).ThenBy(result => result.Case.Name, StringComparer.Ordinal)]);
}
