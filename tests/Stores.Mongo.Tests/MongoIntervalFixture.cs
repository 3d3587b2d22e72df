using SessionStores.Conformance;

namespace SessionStores.Mongo.Tests;

/// <summary>Stores that remove expired documents themselves, and so can hand them out, and that keep keys.</summary>
public sealed class MongoIntervalFixture : MongoFixture
{
    private const string Unchanged = "It is about what is the same without these options, which the other fixture shows.";

    public override string Name => "mongo-interval";

    public override StoreCapabilities Capabilities => base.Capabilities | StoreCapabilities.Expirations | StoreCapabilities.Keys;

    public override IReadOnlyDictionary<string, string> Waivers { get; } = new Dictionary<string, string>
    {
        ["Cancellation"] = Unchanged,
        ["Cap"] = Unchanged,
        ["Disposal"] = Unchanged,
        ["Enumeration"] = Unchanged,
        ["Fault"] = Unchanged,
        ["History"] = Unchanged,
        ["Identifier"] = Unchanged,
        ["Isolation"] = Unchanged,
        ["Lifecycle"] = Unchanged,
        ["NodeClock"] = Unchanged,
        ["Payload"] = Unchanged,
        ["Race"] = Unchanged,
        ["Registration"] = Unchanged,
        ["Replacement"] = Unchanged,
        ["Secret"] = Unchanged,
        ["SetUp"] = Unchanged,
        ["Slide"] = Unchanged,
        ["Subject"] = Unchanged,
        ["Touch"] = Unchanged,
        ["Version"] = Unchanged,
    };

    protected override AutoRemove AutoRemove => AutoRemove.Interval;

    protected override bool HasKeys => true;
}
