using SessionStores.Conformance;

namespace SessionStores.Redis.Tests;

/// <summary>One server, with stores that hand out expired sessions: every write is a script that keeps a copy too.</summary>
public sealed class RedisKeepingFixture : RedisFixture
{
    private const string OfServer = "It is about what is the same without copies, which the other fixture shows.";

    public override string Name => "redis-keeping";

    public override StoreCapabilities Capabilities => base.Capabilities | StoreCapabilities.Expirations;

    public override IReadOnlyDictionary<string, string> Waivers { get; } = new Dictionary<string, string>
    {
        ["Cancellation"] = OfServer,
        ["Disposal"] = OfServer,
        ["Fault"] = OfServer,
        ["Identifier"] = OfServer,
        ["NodeClock"] = OfServer,
        ["Registration"] = OfServer,
        ["Secret"] = OfServer,
    };

    protected override bool KeepsExpired => true;
}
