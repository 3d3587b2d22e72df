namespace SessionStores.Conformance;

/// <summary>A cancelled call throws, and a cancelled write is complete or absent.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class CancellationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>A subject has no more sessions than a cap allows, however many log in at once.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class CapSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>A store is a thread-safe singleton that disposes what it created and nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class DisposalSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>All, Length and Clear see the live sessions of the namespace, and nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class EnumerationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>All sessions of a subject are void at once, by the clock of the server.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class EpochSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>A session is expired from the instant of its expiry, whether or not anything has removed it.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class ExpirySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>A server that is away, silent or read-only ends in a typed exception in time, and the store works again when it is back.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class FaultSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>What concurrent clients saw is explained by some order of what they did.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class HistorySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>Ids are opaque text: nothing in them is a command, a pattern or a path.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class IdentifierSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>Two namespaces on one server know nothing of each other, also when the name of one begins with that of the other.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class IsolationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>The sessions with a key are found and ended together, whoever has them.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class KeySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>What each operation returns for a session that is absent, live or destroyed.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class LifecycleSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>The clock of a node decides nothing: a store whose node is 40 minutes ahead of the server, or behind it, works like any other.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class NodeClockSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>A payload comes back byte for byte, or is refused.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class PayloadSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>Prune removes what has expired, and never a live session.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class PruningSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>Of writers that meet, each gets a true result, and nothing is lost.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class RaceSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>A store is registered with one call that checks its options and does no I/O.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class RegistrationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>Replace writes over what was loaded, and over nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class ReplacementSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>Nothing brings a destroyed session back: destroy against every writer, in both orders and together.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class ResurrectionSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>Rotate gives a session a new id and new content.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class RotationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>Nothing secret reaches a log, an exception message, a metric or a trace.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class SecretSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>A store prepares its server itself: once, at any number of nodes, also over what an older version left.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class SetUpSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>A read can extend what it reads, in the same step and no further than the record allows.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class SlideSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>The sessions of a subject are found and ended together.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class SubjectSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>Touch moves the expiry forward and does nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class TouchSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);

/// <summary>A version represents the stored content, whichever program wrote it.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class VersionSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture);
