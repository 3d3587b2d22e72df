using System.Collections.Concurrent;
using SessionStores.Conformance;

namespace SessionStores.Moving.Tests;

/// <summary>Two sides for the conformance kit: every session begins on the old one.</summary>
public abstract class MovingFixture : SessionStoreFixture
{
    /// <summary>The waiver of a pair of stores whose versions have different forms.</summary>
    protected static IReadOnlyDictionary<string, string> OtherVersions { get; } = new Dictionary<string, string>
    {
        ["Lifecycle.The_version_of_a_create_is_that_of_the_next_read"] = "The session is created on the old side before the move, and read on the new side, whose versions have another form.",
    };

    /// <summary>The waiver of a pair of stores in the stage Move, of whatever kind.</summary>
    protected static IReadOnlyDictionary<string, string> OrderOfMoves { get; } = new Dictionary<string, string>
    {
        ["Cap.A_session_joins_when_it_gets_its_subject"] =
            "On the new side a session joins its subject when it moves. Sessions that are still on the old side when another one gets the subject on the new side move at the next log-in, and so count as having joined later.",
    };

    private readonly ConcurrentDictionary<string, SeedingStore.Seeds> _seeds = [];

    public override StoreCapabilities Capabilities =>
        StoreCapabilities.Enumeration | StoreCapabilities.Subjects | StoreCapabilities.Caps | StoreCapabilities.Epochs | StoreCapabilities.Pruning | StoreCapabilities.Expirations | StoreCapabilities.Successors | StoreCapabilities.AtomicRotation | StoreCapabilities.SharedData | StoreCapabilities.Logs;

    /// <summary>How many sessions began on the old side.</summary>
    public int Seeded => _seeds.Values.Sum(seeds => seeds.Count);

    protected virtual MovingStage Stage => MovingStage.Move;

    public override async ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings)
    {
        var limit = settings.MaxPayloadBytes ?? SessionArguments.DefaultMaxPayloadBytes;
        var old = await OpenOldAsync(@namespace, settings with { MaxPayloadBytes = limit + MovingRecord.MarkBytes });
        var current = await OpenNewAsync(@namespace, settings);
        var moving = new MovingStore(
            old,
            current,
            new MovingStoreOptions { Stage = Stage },
            settings.Log is { } log ? new ForwardingLogger<MovingStore>(log) : null,
            report => MovingStore.LeadOf(Stage, StepsOf(@namespace, old, current, report, settings)));
        return new SeedingStore(moving, _seeds.GetOrAdd(@namespace, _ => new SeedingStore.Seeds()), limit);
    }

    /// <summary>The steps of a move by the clock of the sides.</summary>
    private protected virtual MovingSteps StepsOf(string @namespace, ISessionStore old, ISessionStore current, MovingReport report, StoreSettings settings) => new(old, current, report);

    protected abstract ValueTask<ISessionStore> OpenOldAsync(string @namespace, StoreSettings settings);

    protected abstract ValueTask<ISessionStore> OpenNewAsync(string @namespace, StoreSettings settings);
}
