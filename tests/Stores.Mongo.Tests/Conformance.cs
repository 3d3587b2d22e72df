using SessionStores.Conformance;
using SessionStores.Mongo.Tests;

[assembly: AssemblyFixture(typeof(MongoFixture))]
[assembly: AssemblyFixture(typeof(MongoIntervalFixture))]

namespace SessionStores.Mongo.Tests.Conformance;

public sealed class Cancellation(MongoFixture fixture) : CancellationSuite(fixture);
public sealed class Cap(MongoFixture fixture) : CapSuite(fixture);
public sealed class Capability(MongoFixture fixture) : CapabilitySuite(fixture);
public sealed class Disposal(MongoFixture fixture) : DisposalSuite(fixture);
public sealed class Enumeration(MongoFixture fixture) : EnumerationSuite(fixture);
public sealed class Epoch(MongoFixture fixture) : EpochSuite(fixture);
public sealed class Expiry(MongoFixture fixture) : ExpirySuite(fixture);
public sealed class Fault(MongoFixture fixture) : FaultSuite(fixture);
public sealed class History(MongoFixture fixture) : HistorySuite(fixture);
public sealed class Identifier(MongoFixture fixture) : IdentifierSuite(fixture);
public sealed class Isolation(MongoFixture fixture) : IsolationSuite(fixture);
public sealed class Key(MongoFixture fixture) : KeySuite(fixture);
public sealed class Lifecycle(MongoFixture fixture) : LifecycleSuite(fixture);
public sealed class NodeClock(MongoFixture fixture) : NodeClockSuite(fixture);
public sealed class Payload(MongoFixture fixture) : PayloadSuite(fixture);
public sealed class Pruning(MongoFixture fixture) : PruningSuite(fixture);
public sealed class Race(MongoFixture fixture) : RaceSuite(fixture);
public sealed class Registration(MongoFixture fixture) : RegistrationSuite(fixture);
public sealed class Replacement(MongoFixture fixture) : ReplacementSuite(fixture);
public sealed class Resurrection(MongoFixture fixture) : ResurrectionSuite(fixture);
public sealed class Rotation(MongoFixture fixture) : RotationSuite(fixture);
public sealed class Secret(MongoFixture fixture) : SecretSuite(fixture);
public sealed class SetUp(MongoFixture fixture) : SetUpSuite(fixture);
public sealed class Slide(MongoFixture fixture) : SlideSuite(fixture);
public sealed class Subject(MongoFixture fixture) : SubjectSuite(fixture);
public sealed class Touch(MongoFixture fixture) : TouchSuite(fixture);
public sealed class Version(MongoFixture fixture) : VersionSuite(fixture);

public sealed class IntervalCapability(MongoIntervalFixture fixture) : CapabilitySuite(fixture);
public sealed class IntervalEpoch(MongoIntervalFixture fixture) : EpochSuite(fixture);
public sealed class IntervalExpiry(MongoIntervalFixture fixture) : ExpirySuite(fixture);
public sealed class IntervalKey(MongoIntervalFixture fixture) : KeySuite(fixture);
public sealed class IntervalPruning(MongoIntervalFixture fixture) : PruningSuite(fixture);
public sealed class IntervalResurrection(MongoIntervalFixture fixture) : ResurrectionSuite(fixture);
public sealed class IntervalRotation(MongoIntervalFixture fixture) : RotationSuite(fixture);
