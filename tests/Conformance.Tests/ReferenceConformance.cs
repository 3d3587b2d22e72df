using SessionStores.Conformance.Tests.Reference;

[assembly: AssemblyFixture(typeof(ReferenceFixture))]

namespace SessionStores.Conformance.Tests.Unmutated;

// What the mutants are made from breaks no rule.
public sealed class Cancellation(ReferenceFixture fixture) : CancellationSuite(fixture);
public sealed class Cap(ReferenceFixture fixture) : CapSuite(fixture);
public sealed class Capability(ReferenceFixture fixture) : CapabilitySuite(fixture);
public sealed class Disposal(ReferenceFixture fixture) : DisposalSuite(fixture);
public sealed class Enumeration(ReferenceFixture fixture) : EnumerationSuite(fixture);
public sealed class Epoch(ReferenceFixture fixture) : EpochSuite(fixture);
public sealed class Expiry(ReferenceFixture fixture) : ExpirySuite(fixture);
public sealed class Fault(ReferenceFixture fixture) : FaultSuite(fixture);
public sealed class History(ReferenceFixture fixture) : HistorySuite(fixture);
public sealed class Identifier(ReferenceFixture fixture) : IdentifierSuite(fixture);
public sealed class Isolation(ReferenceFixture fixture) : IsolationSuite(fixture);
public sealed class Key(ReferenceFixture fixture) : KeySuite(fixture);
public sealed class Lifecycle(ReferenceFixture fixture) : LifecycleSuite(fixture);
public sealed class NodeClock(ReferenceFixture fixture) : NodeClockSuite(fixture);
public sealed class Payload(ReferenceFixture fixture) : PayloadSuite(fixture);
public sealed class Pruning(ReferenceFixture fixture) : PruningSuite(fixture);
public sealed class Race(ReferenceFixture fixture) : RaceSuite(fixture);
public sealed class Registration(ReferenceFixture fixture) : RegistrationSuite(fixture);
public sealed class Replacement(ReferenceFixture fixture) : ReplacementSuite(fixture);
public sealed class Resurrection(ReferenceFixture fixture) : ResurrectionSuite(fixture);
public sealed class Rotation(ReferenceFixture fixture) : RotationSuite(fixture);
public sealed class Secret(ReferenceFixture fixture) : SecretSuite(fixture);
public sealed class SetUp(ReferenceFixture fixture) : SetUpSuite(fixture);
public sealed class Slide(ReferenceFixture fixture) : SlideSuite(fixture);
public sealed class Subject(ReferenceFixture fixture) : SubjectSuite(fixture);
public sealed class Touch(ReferenceFixture fixture) : TouchSuite(fixture);
public sealed class Version(ReferenceFixture fixture) : VersionSuite(fixture);
