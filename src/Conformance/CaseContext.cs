using System.Collections.Concurrent;

namespace SessionStores.Conformance;

/// <summary>What one run of a case works on: its namespaces, stores, clock and random numbers.</summary>
internal sealed class CaseContext : IAsyncDisposable
{
    public const string ServerIsKept = "The case did not run: another case of the group hangs, and keeps the server of the fault cases.";

    private const string NamespaceAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>The time limit of a call where time is not the subject: a busy machine must not fail a case.</summary>
    private static readonly TimeSpan GenerousTimeout = TimeSpan.FromSeconds(30);

    private readonly ConcurrentStack<ISessionStore> _stores = new();
    private readonly ConcurrentStack<string> _namespaces = new();
    private readonly FakeClock? _clock;

    public CaseContext(SessionStoreFixture fixture, ulong seed, bool isRace = false)
    {
        Fixture = fixture;
        IsRace = isRace;
        Random = new SeededRandom(seed);
        _clock = Offers(StoreCapabilities.Clock) ? new FakeClock() : null;
        Namespace = NewNamespace();
    }

    public SessionStoreFixture Fixture { get; }

    public SeededRandom Random { get; }

    public bool IsRace { get; }

    /// <summary>Whether the calls of a race go to two nodes in turn.</summary>
    public bool Spreads { get; set; }

    /// <summary>Whether the case waits for the server of the fault cases, which serves one case at a time.</summary>
    public bool WaitsForServer { get; set; }

    public string Namespace { get; }

    /// <summary>What the stores that are opened are put into; null for nothing.</summary>
    public Func<ISessionStore, ISessionStore>? Wrap { get; set; }

    /// <summary>The case's clock; not offered where the server owns time.</summary>
    public FakeClock Clock => _clock ?? throw new NotOfferedException("the server owns time");

    public bool HasClock => _clock is not null;

    public DateTimeOffset Now => _clock?.GetUtcNow() ?? TimeProvider.System.GetUtcNow() + Fixture.State.ServerTimeOffset;

    /// <summary>A life that is over soon: as short as can be where it has to be waited for.</summary>
    public TimeSpan ShortLife => _clock is not null ? TimeSpan.FromSeconds(10) : TimeSpan.FromMilliseconds(400);

    /// <summary>A life that lasts while many sessions are written, and is then waited out.</summary>
    public TimeSpan BulkLife => _clock is not null ? TimeSpan.FromSeconds(10) : TimeSpan.FromSeconds(1);

    public bool Offers(StoreCapabilities capabilities) => (Fixture.Capabilities & capabilities) == capabilities;

    /// <summary>A namespace that no other case uses. Random whatever the seed is, or a second run would meet the first one's data.</summary>
    public string NewNamespace()
    {
        var name = "k" + new SeededRandom(SeededRandom.NewSeed()).Text(NamespaceAlphabet, 13);
        _namespaces.Push(name);
        return name;
    }

    /// <summary>Counts a namespace that a case made up among those to be dropped.</summary>
    public void AddNamespace(string name) => _namespaces.Push(name);

    public async Task<ISessionStore> OpenAsync(string? name = null, StoreSettings? settings = null)
    {
        settings ??= new();
        var store = await Fixture.CreateStoreAsync(
            name ?? Namespace, settings with { Clock = _clock, CommandTimeout = settings.CommandTimeout ?? GenerousTimeout });
        Fixture.State.Saw(store);
        Own(store);
        return Wrap is { } wrap ? wrap(store) : store;
    }

    /// <summary>Disposes the store when the case ends.</summary>
    public ISessionStore Own(ISessionStore store)
    {
        _stores.Push(store);
        return store;
    }

    /// <summary>Lets time pass until a record with this expiry, in the steps of the store, has expired.</summary>
    public async Task PassAsync(DateTimeOffset expiresAt)
    {
        if (_clock is not null)
        {
            _clock.AdvanceTo(expiresAt);
            return;
        }

        // The server's time is the condition; the deadline is there for a clock that stands still.
        var over = expiresAt + TimeSpan.FromMilliseconds(30);
        var deadline = TimeProvider.System.GetUtcNow() + Fixture.CaseTimeout;
        while (Now < over)
        {
            if (TimeProvider.System.GetUtcNow() > deadline)
                throw new ConformanceException($"The clock did not reach {over:O} within {Fixture.CaseTimeout}.");

            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Waits until something holds that the store brings about on its own time.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var limit = Fixture.CaseTimeout / 2;
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > limit)
                throw new ConformanceException($"Expected that {what} within {limit}.");

            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    /// <summary>Opens a store on a node whose clock is ahead of the server's, or behind it.</summary>
    public Task<ISessionStore> OpenSkewedAsync(TimeSpan ahead)
    {
        TimeProvider server = _clock is null ? new SkewedClock(TimeProvider.System, Fixture.State.ServerTimeOffset) : _clock;
        return OpenAsync(settings: new StoreSettings { NodeClock = new SkewedClock(server, ahead) });
    }

    public static async ValueTask DisposeAsync(ISessionStore store)
    {
        if (store is IAsyncDisposable asynchronous)
            await asynchronous.DisposeAsync();
        else if (store is IDisposable disposable)
            disposable.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        while (_stores.TryPop(out var store))
            await DisposeAsync(store);

        while (_namespaces.TryPop(out var name))
            await Fixture.DropAsync(name);
    }
}
