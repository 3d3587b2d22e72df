[assembly: AssemblyFixture(typeof(SessionStores.Conformance.Xunit.Tests.MemoryFixture))]

namespace SessionStores.Conformance.Xunit.Tests;

/// <summary>What a user of the package writes.</summary>
public sealed class Touch(MemoryFixture fixture) : TouchSuite(fixture);

public sealed class MemoryFixture : SessionStoreFixture
{
    public override string Name => "memory in xunit";

    // Not among the reports of stores.
    public override string ReportFolder => Path.Combine(AppContext.BaseDirectory, "reports");

    public override StoreCapabilities Capabilities => StoreCapabilities.Clock;

    public override ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings) => new(new MemoryStore(null, settings.Clock));
}

/// <summary>Not public, so that its cases are no tests.</summary>
internal sealed class Broken(BrokenFixture fixture) : TouchSuite(fixture);

internal sealed class BrokenRace(BrokenFixture fixture) : RaceSuite(fixture);

internal sealed class BrokenFixture : SessionStoreFixture
{
    public override string Name => "broken in xunit";

    public override StoreCapabilities Capabilities => StoreCapabilities.Clock;

    public override string ReportFolder => Path.Combine(AppContext.BaseDirectory, "reports");

    public override IReadOnlyDictionary<string, string> Waivers => Accepted;

    public Dictionary<string, string> Accepted { get; init; } = [];

    public override ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings) =>
        throw new SessionStoreException("Broken", "Create", SessionStoreFault.Unavailable, "The disk is full.");
}
