using SessionStores.Conformance;
using SessionStores.Protection.Tests;

[assembly: AssemblyFixture(typeof(ProtectedFixture))]

namespace SessionStores.Protection.Tests.Conformance;

public sealed class Cancellation(ProtectedFixture fixture) : CancellationSuite(fixture);
public sealed class Cap(ProtectedFixture fixture) : CapSuite(fixture);
public sealed class Capability(ProtectedFixture fixture) : CapabilitySuite(fixture);
public sealed class Disposal(ProtectedFixture fixture) : DisposalSuite(fixture);
public sealed class Enumeration(ProtectedFixture fixture) : EnumerationSuite(fixture);
public sealed class Epoch(ProtectedFixture fixture) : EpochSuite(fixture);
public sealed class Expiry(ProtectedFixture fixture) : ExpirySuite(fixture);
public sealed class Fault(ProtectedFixture fixture) : FaultSuite(fixture);
public sealed class History(ProtectedFixture fixture) : HistorySuite(fixture);
public sealed class Identifier(ProtectedFixture fixture) : IdentifierSuite(fixture);
public sealed class Isolation(ProtectedFixture fixture) : IsolationSuite(fixture);
public sealed class Key(ProtectedFixture fixture) : KeySuite(fixture);
public sealed class Lifecycle(ProtectedFixture fixture) : LifecycleSuite(fixture);
public sealed class NodeClock(ProtectedFixture fixture) : NodeClockSuite(fixture);
public sealed class Payload(ProtectedFixture fixture) : PayloadSuite(fixture);
public sealed class Pruning(ProtectedFixture fixture) : PruningSuite(fixture);
public sealed class Race(ProtectedFixture fixture) : RaceSuite(fixture);
public sealed class Registration(ProtectedFixture fixture) : RegistrationSuite(fixture);
public sealed class Replacement(ProtectedFixture fixture) : ReplacementSuite(fixture);
public sealed class Resurrection(ProtectedFixture fixture) : ResurrectionSuite(fixture);
public sealed class Rotation(ProtectedFixture fixture) : RotationSuite(fixture);
public sealed class Secret(ProtectedFixture fixture) : SecretSuite(fixture);
public sealed class SetUp(ProtectedFixture fixture) : SetUpSuite(fixture);
public sealed class Slide(ProtectedFixture fixture) : SlideSuite(fixture);
public sealed class Subject(ProtectedFixture fixture) : SubjectSuite(fixture);
public sealed class Touch(ProtectedFixture fixture) : TouchSuite(fixture);
public sealed class Version(ProtectedFixture fixture) : VersionSuite(fixture);
