using SessionStores.Conformance;
using SessionStores.Moving.Tests;

[assembly: AssemblyFixture(typeof(MemoryFixture))]

namespace SessionStores.Moving.Tests.Conformance;

public sealed class Cancellation(MemoryFixture fixture) : CancellationSuite(fixture);
public sealed class Cap(MemoryFixture fixture) : CapSuite(fixture);
public sealed class Capability(MemoryFixture fixture) : CapabilitySuite(fixture);
public sealed class Disposal(MemoryFixture fixture) : DisposalSuite(fixture);
public sealed class Enumeration(MemoryFixture fixture) : EnumerationSuite(fixture);
public sealed class Epoch(MemoryFixture fixture) : EpochSuite(fixture);
public sealed class Expiry(MemoryFixture fixture) : ExpirySuite(fixture);
public sealed class Fault(MemoryFixture fixture) : FaultSuite(fixture);
public sealed class History(MemoryFixture fixture) : HistorySuite(fixture);
public sealed class Identifier(MemoryFixture fixture) : IdentifierSuite(fixture);
public sealed class Isolation(MemoryFixture fixture) : IsolationSuite(fixture);
public sealed class Key(MemoryFixture fixture) : KeySuite(fixture);
public sealed class Lifecycle(MemoryFixture fixture) : LifecycleSuite(fixture);
public sealed class NodeClock(MemoryFixture fixture) : NodeClockSuite(fixture);
public sealed class Payload(MemoryFixture fixture) : PayloadSuite(fixture);
public sealed class Pruning(MemoryFixture fixture) : PruningSuite(fixture);
public sealed class Race(MemoryFixture fixture) : RaceSuite(fixture);
public sealed class Registration(MemoryFixture fixture) : RegistrationSuite(fixture);
public sealed class Replacement(MemoryFixture fixture) : ReplacementSuite(fixture);
public sealed class Resurrection(MemoryFixture fixture) : ResurrectionSuite(fixture);
public sealed class Rotation(MemoryFixture fixture) : RotationSuite(fixture);
public sealed class Secret(MemoryFixture fixture) : SecretSuite(fixture);
public sealed class SetUp(MemoryFixture fixture) : SetUpSuite(fixture);
public sealed class Slide(MemoryFixture fixture) : SlideSuite(fixture);
public sealed class Subject(MemoryFixture fixture) : SubjectSuite(fixture);
public sealed class Touch(MemoryFixture fixture) : TouchSuite(fixture);
public sealed class Version(MemoryFixture fixture) : VersionSuite(fixture);
