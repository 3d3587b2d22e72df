using SessionStores.Conformance;
using ThirdParty.Tests;

[assembly: AssemblyFixture(typeof(FileFixture))]

namespace ThirdParty.Tests.Conformance;

public sealed class Cancellation(FileFixture fixture) : CancellationSuite(fixture);
public sealed class Capability(FileFixture fixture) : CapabilitySuite(fixture);
public sealed class Disposal(FileFixture fixture) : DisposalSuite(fixture);
public sealed class Enumeration(FileFixture fixture) : EnumerationSuite(fixture);
public sealed class Expiry(FileFixture fixture) : ExpirySuite(fixture);
public sealed class History(FileFixture fixture) : HistorySuite(fixture);
public sealed class Identifier(FileFixture fixture) : IdentifierSuite(fixture);
public sealed class Isolation(FileFixture fixture) : IsolationSuite(fixture);
public sealed class Key(FileFixture fixture) : KeySuite(fixture);
public sealed class Lifecycle(FileFixture fixture) : LifecycleSuite(fixture);
public sealed class Payload(FileFixture fixture) : PayloadSuite(fixture);
public sealed class Pruning(FileFixture fixture) : PruningSuite(fixture);
public sealed class Race(FileFixture fixture) : RaceSuite(fixture);
public sealed class Replacement(FileFixture fixture) : ReplacementSuite(fixture);
public sealed class Resurrection(FileFixture fixture) : ResurrectionSuite(fixture);
public sealed class Rotation(FileFixture fixture) : RotationSuite(fixture);
public sealed class Secret(FileFixture fixture) : SecretSuite(fixture);
public sealed class Slide(FileFixture fixture) : SlideSuite(fixture);
public sealed class Touch(FileFixture fixture) : TouchSuite(fixture);
public sealed class Version(FileFixture fixture) : VersionSuite(fixture);
