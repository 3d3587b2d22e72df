using System.Collections.Concurrent;
using System.Reflection;

namespace SessionStores.Conformance;

/// <summary>What a fixture remembers of its run: the start, the seed, the results, the server of the fault cases.</summary>
internal sealed class RunState : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<CaseResult> _results = new();
    private readonly SemaphoreSlim _faults = new(1, 1);
    private readonly TaskCompletionSource _faultsHang = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _started;
    private ulong? _seed;
    private IServerFaults? _faultyServer;
    private bool _faultyServerAsked;
    private bool _ended;

    /// <summary>The seed of the run, where it is not that of the fixture.</summary>
    public ulong? Seed { get; set; }

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
            return _seed ??= Seed ?? fixture.Seed ?? SeededRandom.NewSeed();
    }

    public void Add(CaseResult result) => _results.Enqueue(result);

    public bool TryEnd()
    {
        lock (_lock)
            return !_ended && (_ended = true);
    }

    /// <summary>Says that a fault case does not end, and so keeps the server from those that wait for it.</summary>
    public void FaultsHang() => _faultsHang.TrySetResult();

    /// <summary>Runs an action on the server, one at a time of the fault cases.</summary>
    public async Task WithFaultyServerAsync(SessionStoreFixture fixture, CaseContext context, Func<IServerFaults, Task> action)
    {
        context.WaitsForServer = true;
        if (await Task.WhenAny(_faults.WaitAsync(), _faultsHang.Task) == _faultsHang.Task)
            throw new ConformanceException(CaseContext.ServerIsKept);

        context.WaitsForServer = false;
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

    public ConformanceReport ToReport(SessionStoreFixture fixture)
    {
        // A group that is left out is in the report, whether or not its cases were asked for.
        var ran = _results.Select(result => result.Case).ToHashSet();
        var leftOut = ran.Count == 0 ? [] : ConformanceKit.Cases
            .Where(each => !ran.Contains(each) && fixture.Waivers.ContainsKey(each.Group))
            .Select(each => new CaseResult(each, CaseOutcome.LeftOut, fixture.Waivers[each.Group], TimeSpan.Zero, SeedOf(fixture), null));
        return new ConformanceReport(fixture, StoreVersion, SeedOf(fixture),
            [.. _results.Concat(leftOut).OrderBy(result => result.Case.Group, StringComparer.Ordinal).ThenBy(result => result.Case.Name, StringComparer.Ordinal)]);
    }
}
