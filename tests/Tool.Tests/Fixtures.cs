namespace SessionStores.Tool.Tests;

/// <summary>What the author of a store writes. The command loads this assembly a second time, apart from these tests.</summary>
public sealed class SoundFixture : SessionStoreFixture
{
    public override string Name => "sound";

    public override StoreCapabilities Capabilities => StoreCapabilities.Clock;

    public override ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings) => new(new MemoryStore(null, settings.Clock));
}

/// <summary>Its store cannot be created.</summary>
public sealed class BrokenFixture : SessionStoreFixture
{
    public override string Name => "broken";

    public override StoreCapabilities Capabilities => StoreCapabilities.Clock;

    public override ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings) =>
        throw new SessionStoreException("Broken", "Create", SessionStoreFault.Unavailable, "The disk is full.");
}

public sealed class AwayFixture : SessionStoreFixture
{
    public override string Name => "away";

    public override StoreCapabilities Capabilities => StoreCapabilities.None;

    public override string UnavailableReason => "there is no server";

    public override ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings) => throw new InvalidOperationException("Not reached.");
}
