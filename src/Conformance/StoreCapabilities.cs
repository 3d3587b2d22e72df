namespace SessionStores.Conformance;

/// <summary>What a fixture offers to the kit. A case that needs more than that is reported as "not offered", never as passed.</summary>
[Flags]
public enum StoreCapabilities
{
    /// <summary>Only the core: get, create, replace, set, touch, destroy and a rotation that is not one step for every reader.</summary>
    None = 0,

    /// <summary>The store offers <see cref="ISessionEnumeration"/> (<see cref="ISessionStore.GetCapability"/>).</summary>
    Enumeration = 1 << 0,

    /// <summary>The store offers <see cref="ISessionSubjects"/> (<see cref="ISessionStore.GetCapability"/>).</summary>
    Subjects = 1 << 1,

    /// <summary>The store offers <see cref="ISessionPruning"/> (<see cref="ISessionStore.GetCapability"/>).</summary>
    Pruning = 1 << 2,

    /// <summary>A rotation is one step for every reader (L10). Without it only the weaker promise is checked: the old id never works
    /// again once the call has returned.</summary>
    AtomicRotation = 1 << 3,

    /// <summary>The store decides expiry by <see cref="StoreSettings.Clock"/>. Without it the server owns time, and the kit waits for
    /// it by condition. Sweeps in the background are to come no more often than every 15 seconds, or they get ahead of the cases of
    /// pruning.</summary>
    Clock = 1 << 4,

    /// <summary>Two stores that are created for the same namespace see the same data, as two nodes of an application do.</summary>
    SharedData = 1 << 5,

    /// <summary>The fixture passes the store's log lines to <see cref="StoreSettings.Log"/>.</summary>
    Logs = 1 << 6,

    /// <summary><see cref="SessionStoreFixture.WriteAsPeerAsync"/> works: a writer that knows nothing of this store, such as a Node
    /// application, shares its records.</summary>
    PeerWrites = 1 << 7,

    /// <summary><see cref="SessionStoreFixture.PlantUnreadableAsync"/> works.</summary>
    UnreadableRecords = 1 << 8,

    /// <summary><see cref="SessionStoreFixture.CountStoredAsync"/> works.</summary>
    StoredCount = 1 << 9,

    /// <summary><see cref="SessionStoreFixture.Register"/> works.</summary>
    Registration = 1 << 10,

    /// <summary><see cref="SessionStoreFixture.RegisterInvalid"/> works.</summary>
    InvalidRegistration = 1 << 11,

    /// <summary><see cref="SessionStoreFixture.RegisterUnreachable"/> works: the store has a server that can be away.</summary>
    UnreachableRegistration = 1 << 12,

    /// <summary>The store prepares its server itself, and <see cref="SessionStoreFixture.CreateUnpreparedAsync"/> works.</summary>
    SetUp = 1 << 13,

    /// <summary><see cref="SessionStoreFixture.DescribeSetUpAsync"/> works.</summary>
    SetUpDescription = 1 << 14,

    /// <summary><see cref="SessionStoreFixture.PrepareOlderAsync"/> works: what an older version or a Node peer has set up.</summary>
    OlderSetUp = 1 << 15,

    /// <summary><see cref="SessionStoreFixture.CreateLeastPrivilegedAsync"/> works: a user with no more rights than documented.</summary>
    LeastPrivilege = 1 << 16,

    /// <summary><see cref="SessionStoreFixture.BreakSetUpAsync"/> works.</summary>
    BrokenSetUp = 1 << 17,

    /// <summary>A server owns time, and the store takes <see cref="StoreSettings.NodeClock"/> for the clock of its node, or reads no clock of the
    /// node at all.</summary>
    NodeClock = 1 << 18,

    /// <summary>The store offers <see cref="ISessionCaps"/> (<see cref="ISessionStore.GetCapability"/>).</summary>
    Caps = 1 << 19,

    /// <summary>The store offers <see cref="ISessionEpochs"/> (<see cref="ISessionStore.GetCapability"/>).</summary>
    Epochs = 1 << 20,

    /// <summary>The store offers <see cref="ISessionExpirations"/> (<see cref="ISessionStore.GetCapability"/>).</summary>
    Expirations = 1 << 21,

    /// <summary>The store offers <see cref="ISessionSuccessors"/> (<see cref="ISessionStore.GetCapability"/>).</summary>
    Successors = 1 << 22,

    /// <summary>The store offers <see cref="ISessionKeys"/> (<see cref="ISessionStore.GetCapability"/>).</summary>
    Keys = 1 << 23,
}
