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

    /// <summary>The waivers of cases whose sessions do not say since when they have had their subject.</summary>
    protected static IReadOnlyDictionary<string, string> OrderOfMoves { get; } = new[]
    {
        "Cap.A_session_joins_when_it_gets_its_subject",
        "Cap.Another_store_on_the_same_data_counts_the_same_sessions",
        "Cap.Rotations_changes_and_touches_do_not_make_a_session_newer",
        "Cap.The_sessions_that_joined_first_end_as_many_as_needed",
    }.ToDictionary(name => name, _ => "On the new side a session joins its subject when it moves. The order of those that move together is that of __created, which these sessions lack.");

    /// <summary>The waiver of a case that sets the clock ahead in the middle of a move.</summary>
    protected static IReadOnlyDictionary<string, string> ClockThatJumps { get; } = new Dictionary<string, string>
    {
        ["Race.A_write_that_waited_past_an_expiry_does_not_bring_the_session_back"] =
            "A clock that jumps between two readings of a move looks like two servers whose clocks differ, and then the life that was left is moved.",
    };

    private readonly ConcurrentDictionary<string, SeedingStore.Seeds> _seeds = [];

    public override StoreCapabilities Capabilities =>
        StoreCapabilities.Enumeration | StoreCapabilities.Subjects | StoreCapabilities.Caps | StoreCapabilities.Pruning | StoreCapabilities.Expirations | StoreCapabilities.Successors | StoreCapabilities.AtomicRotation | StoreCapabilities.SharedData | StoreCapabilities.Logs;

    /// <summary>How many sessions began on the old side.</summary>
    public int Seeded => _seeds.Values.Sum(seeds => seeds.Count);

    protected virtual MovingStage Stage => MovingStage.Move;

    public override async ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings)
    {
        var limit = settings.MaxPayloadBytes ?? SessionArguments.DefaultMaxPayloadBytes;
        var old = await OpenOldAsync(@namespace, settings with { MaxPayloadBytes = limit + MovingRecord.MarkBytes });
        var moving = new MovingStore(old, await OpenNewAsync(@namespace, settings), new MovingStoreOptions { Stage = Stage }, settings.Log is { } log ? new ForwardingLogger<MovingStore>(log) : null);
        return new SeedingStore(moving, _seeds.GetOrAdd(@namespace, _ => new SeedingStore.Seeds()), limit);
    }

    protected abstract ValueTask<ISessionStore> OpenOldAsync(string @namespace, StoreSettings settings);

    protected abstract ValueTask<ISessionStore> OpenNewAsync(string @namespace, StoreSettings settings);
}
