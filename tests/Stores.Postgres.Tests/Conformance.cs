using SessionStores.Conformance;
using SessionStores.Postgres.Tests;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
[assembly: AssemblyFixture(typeof(PostgresEpochsFixture))]

namespace SessionStores.Postgres.Tests.Conformance;

public sealed class Cancellation(PostgresFixture fixture) : CancellationSuite(fixture);
public sealed class Cap(PostgresFixture fixture) : CapSuite(fixture);
public sealed class Capability(PostgresFixture fixture) : CapabilitySuite(fixture);
public sealed class Disposal(PostgresFixture fixture) : DisposalSuite(fixture);
public sealed class Enumeration(PostgresFixture fixture) : EnumerationSuite(fixture);
public sealed class Epoch(PostgresFixture fixture) : EpochSuite(fixture);
public sealed class Expiry(PostgresFixture fixture) : ExpirySuite(fixture);
// The kit asks for a time limit of a second there, which is little on a machine that runs everything else at once.
[Collection(nameof(Alone))] public sealed class Fault(PostgresFixture fixture) : FaultSuite(fixture);
public sealed class History(PostgresFixture fixture) : HistorySuite(fixture);
public sealed class Identifier(PostgresFixture fixture) : IdentifierSuite(fixture);
public sealed class Isolation(PostgresFixture fixture) : IsolationSuite(fixture);
public sealed class Key(PostgresFixture fixture) : KeySuite(fixture);
public sealed class Lifecycle(PostgresFixture fixture) : LifecycleSuite(fixture);
public sealed class NodeClock(PostgresFixture fixture) : NodeClockSuite(fixture);
public sealed class Payload(PostgresFixture fixture) : PayloadSuite(fixture);
public sealed class Pruning(PostgresFixture fixture) : PruningSuite(fixture);
public sealed class Race(PostgresFixture fixture) : RaceSuite(fixture);
public sealed class Registration(PostgresFixture fixture) : RegistrationSuite(fixture);
public sealed class Replacement(PostgresFixture fixture) : ReplacementSuite(fixture);
public sealed class Resurrection(PostgresFixture fixture) : ResurrectionSuite(fixture);
public sealed class Rotation(PostgresFixture fixture) : RotationSuite(fixture);
public sealed class Secret(PostgresFixture fixture) : SecretSuite(fixture);
public sealed class SetUp(PostgresFixture fixture) : SetUpSuite(fixture);
public sealed class Slide(PostgresFixture fixture) : SlideSuite(fixture);
public sealed class Subject(PostgresFixture fixture) : SubjectSuite(fixture);
public sealed class Touch(PostgresFixture fixture) : TouchSuite(fixture);
public sealed class Version(PostgresFixture fixture) : VersionSuite(fixture);

public sealed class EpochsCap(PostgresEpochsFixture fixture) : CapSuite(fixture);
public sealed class EpochsCapability(PostgresEpochsFixture fixture) : CapabilitySuite(fixture);
public sealed class EpochsEnumeration(PostgresEpochsFixture fixture) : EnumerationSuite(fixture);
public sealed class EpochsEpoch(PostgresEpochsFixture fixture) : EpochSuite(fixture);
public sealed class EpochsExpiry(PostgresEpochsFixture fixture) : ExpirySuite(fixture);
public sealed class EpochsHistory(PostgresEpochsFixture fixture) : HistorySuite(fixture);
public sealed class EpochsKey(PostgresEpochsFixture fixture) : KeySuite(fixture);
public sealed class EpochsLifecycle(PostgresEpochsFixture fixture) : LifecycleSuite(fixture);
public sealed class EpochsPruning(PostgresEpochsFixture fixture) : PruningSuite(fixture);
public sealed class EpochsRace(PostgresEpochsFixture fixture) : RaceSuite(fixture);
public sealed class EpochsReplacement(PostgresEpochsFixture fixture) : ReplacementSuite(fixture);
public sealed class EpochsResurrection(PostgresEpochsFixture fixture) : ResurrectionSuite(fixture);
public sealed class EpochsRotation(PostgresEpochsFixture fixture) : RotationSuite(fixture);
public sealed class EpochsSlide(PostgresEpochsFixture fixture) : SlideSuite(fixture);
public sealed class EpochsSubject(PostgresEpochsFixture fixture) : SubjectSuite(fixture);
public sealed class EpochsTouch(PostgresEpochsFixture fixture) : TouchSuite(fixture);
public sealed class EpochsVersion(PostgresEpochsFixture fixture) : VersionSuite(fixture);
