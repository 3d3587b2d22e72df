using SessionStores.Conformance;

namespace SessionStores.Postgres.Tests;

/// <summary>Stores with epochs and keys: every statement asks for the epoch of the subject too, and every write sets the key.</summary>
public sealed class PostgresEpochsFixture : PostgresFixture
{
    private const string Unchanged = "It is about what is the same without these options, which the other fixture shows.";

    public override string Name => "postgres-epochs";

    public override StoreCapabilities Capabilities => base.Capabilities | StoreCapabilities.Epochs | StoreCapabilities.Keys;

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

    protected override bool HasOptions => true;
}
