using System.Security.Cryptography;
using SessionStores.Conformance;
using SessionStores.Protection;

namespace SessionStores.Moving.Tests;

/// <summary>From memory to memory.</summary>
public class MemoryFixture : MovingFixture
{
    private readonly MemoryServer _old = new();
    private readonly MemoryServer _new = new();

    public override string Name => "moving-memory-memory";

    public override StoreCapabilities Capabilities => base.Capabilities | StoreCapabilities.Clock;

    public override int RaceRounds => 100;

    public override IReadOnlyDictionary<string, string> Waivers { get; } = new Dictionary<string, string>([.. OrderOfMoves, .. ClockThatJumps]);

    public override ValueTask DropAsync(string @namespace)
    {
        _old.Drop(@namespace);
        _new.Drop(@namespace);
        return default;
    }

    protected override ValueTask<ISessionStore> OpenOldAsync(string @namespace, StoreSettings settings) => new(_old.Open(@namespace, settings));

    protected override ValueTask<ISessionStore> OpenNewAsync(string @namespace, StoreSettings settings) => new(_new.Open(@namespace, settings));
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

    public override IReadOnlyDictionary<string, string> Waivers => new Dictionary<string, string>([.. OtherVersions, .. OrderOfMoves, .. ClockThatJumps]);

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
