using System.Collections.Concurrent;
using System.Security.Cryptography;
using SessionStores.Conformance;
using SessionStores.Protection;

namespace SessionStores.Moving.Tests;

/// <summary>From memory to memory. The clock of a case is that of both sides and of the nodes, and the one of the new side is a millisecond further after each session that moves for a log-in.</summary>
public class MemoryFixture : MovingFixture
{
    private readonly ConcurrentDictionary<string, AheadClock> _clocks = [];
    private readonly MemoryServer _old = new();
    private readonly MemoryServer _new = new();

    public override string Name => "moving-memory-memory";

    public override StoreCapabilities Capabilities => base.Capabilities | StoreCapabilities.Clock | StoreCapabilities.Keys;

    public override int RaceRounds => 100;

    public override IReadOnlyDictionary<string, string> Waivers { get; } = OrderOfMoves;

    public override ValueTask DropAsync(string @namespace)
    {
        _clocks.TryRemove(@namespace, out _);
        _old.Drop(@namespace);
        _new.Drop(@namespace);
        return default;
    }

    protected override ValueTask<ISessionStore> OpenOldAsync(string @namespace, StoreSettings settings) => new(_old.Open(@namespace, settings));

    protected override ValueTask<ISessionStore> OpenNewAsync(string @namespace, StoreSettings settings) =>
        new(_new.Open(@namespace, settings with { Clock = ClockOf(@namespace, settings) }));

    private protected override MovingSteps StepsOf(string @namespace, ISessionStore old, ISessionStore current, MovingReport report, StoreSettings settings) => new(old, current, report)
    {
        Clock = settings.Clock ?? TimeProvider.System,
        NextInstantAsync = _ =>
        {
            ClockOf(@namespace, settings).Advance();
            return Task.CompletedTask;
        },
    };

    private AheadClock ClockOf(string @namespace, StoreSettings settings) => _clocks.GetOrAdd(@namespace, _ => new AheadClock(settings.Clock ?? TimeProvider.System));

    private sealed class AheadClock(TimeProvider clock) : TimeProvider
    {
        private long _milliseconds;

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow().AddMilliseconds(Volatile.Read(ref _milliseconds));

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => clock.CreateTimer(callback, state, dueTime, period);

        public void Advance() => Interlocked.Increment(ref _milliseconds);
    }
}

/// <summary>The stage that prepares a move: every session stays on the old side.</summary>
public sealed class PreparedMemoryFixture : MemoryFixture
{
    public override string Name => "moving-prepared";

    public override int RaceRounds => 20;

    public override IReadOnlyDictionary<string, string> Waivers { get; } = new Dictionary<string, string>();

    protected override MovingStage Stage => MovingStage.Prepare;
}

/// <summary>From plain records to protected ones.</summary>
public sealed class ProtectedMemoryFixture : MemoryFixture
{
    private readonly SessionProtectionKey _key = new(RandomNumberGenerator.GetBytes(32));

    public override string Name => "moving-plain-protected";

    public override IReadOnlyDictionary<string, string> Waivers => new Dictionary<string, string>([.. OtherVersions, .. OrderOfMoves]);

    public override int RaceRounds => 20;

    protected override async ValueTask<ISessionStore> OpenNewAsync(string @namespace, StoreSettings settings)
    {
        var options = new SessionProtectionOptions { HashSubjects = true };
        options.Keys.Add(_key);
        if (settings.MaxPayloadBytes is { } limit)
            options.MaxPayloadBytes = limit;

        return new ProtectedStore(await base.OpenNewAsync(@namespace, settings with { MaxPayloadBytes = 4 << 20 }), options, settings.Clock, settings.Log is { } log ? new ForwardingLogger<ProtectedStore>(log) : null);
    }
}
