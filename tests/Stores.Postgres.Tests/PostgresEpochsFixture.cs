using SessionStores.Conformance;

namespace SessionStores.Postgres.Tests;

/// <summary>Stores with epochs: every statement asks for the epoch of the subject too.</summary>
public sealed class PostgresEpochsFixture : PostgresFixture
{
    private const string Unchanged = "It is about what is the same without epochs, which the other fixture shows.";

    public override string Name => "postgres-epochs";

    public override StoreCapabilities Capabilities => base.Capabilities | StoreCapabilities.Epochs;

    public override IReadOnlyDictionary<string, string> Waivers { get; } = new Dictionary<string, string>
    {
        ["Cancellation"] = Unchanged,
        ["Disposal"] = Unchanged,
        ["Fault"] = Unchanged,
        ["Identifier"] = Unchanged,
        ["Isolation"] = Unchanged,
        ["NodeClock"] = Unchanged,
        ["Payload"] = Unchanged,
        ["Registration"] = Unchanged,
        ["Secret"] = Unchanged,
        ["SetUp"] = Unchanged,
    };

    protected override bool HasEpochs => true;
}
