using SessionStores.Conformance;
using SessionStores.Redis.Tests;

[assembly: AssemblyFixture(typeof(RedisFixture))]
[assembly: AssemblyFixture(typeof(RedisKeepingFixture))]
[assembly: AssemblyFixture(typeof(RedisClusterFixture))]

namespace SessionStores.Redis.Tests.Conformance;

public sealed class Cancellation(RedisFixture fixture) : CancellationSuite(fixture);
public sealed class Cap(RedisFixture fixture) : CapSuite(fixture);
public sealed class Capability(RedisFixture fixture) : CapabilitySuite(fixture);
public sealed class Disposal(RedisFixture fixture) : DisposalSuite(fixture);
public sealed class Enumeration(RedisFixture fixture) : EnumerationSuite(fixture);
public sealed class Epoch(RedisFixture fixture) : EpochSuite(fixture);
public sealed class Expiry(RedisFixture fixture) : ExpirySuite(fixture);
public sealed class Fault(RedisFixture fixture) : FaultSuite(fixture);
public sealed class History(RedisFixture fixture) : HistorySuite(fixture);
public sealed class Identifier(RedisFixture fixture) : IdentifierSuite(fixture);
public sealed class Isolation(RedisFixture fixture) : IsolationSuite(fixture);
public sealed class Key(RedisFixture fixture) : KeySuite(fixture);
public sealed class Lifecycle(RedisFixture fixture) : LifecycleSuite(fixture);
public sealed class NodeClock(RedisFixture fixture) : NodeClockSuite(fixture);
public sealed class Payload(RedisFixture fixture) : PayloadSuite(fixture);
public sealed class Pruning(RedisFixture fixture) : PruningSuite(fixture);
public sealed class Race(RedisFixture fixture) : RaceSuite(fixture);
public sealed class Registration(RedisFixture fixture) : RegistrationSuite(fixture);
public sealed class Replacement(RedisFixture fixture) : ReplacementSuite(fixture);
public sealed class Resurrection(RedisFixture fixture) : ResurrectionSuite(fixture);
public sealed class Rotation(RedisFixture fixture) : RotationSuite(fixture);
public sealed class Secret(RedisFixture fixture) : SecretSuite(fixture);
public sealed class SetUp(RedisFixture fixture) : SetUpSuite(fixture);
public sealed class Slide(RedisFixture fixture) : SlideSuite(fixture);
public sealed class Subject(RedisFixture fixture) : SubjectSuite(fixture);
public sealed class Touch(RedisFixture fixture) : TouchSuite(fixture);
public sealed class Version(RedisFixture fixture) : VersionSuite(fixture);

public sealed class ClusterCancellation(RedisClusterFixture fixture) : CancellationSuite(fixture);
public sealed class ClusterCap(RedisClusterFixture fixture) : CapSuite(fixture);
public sealed class ClusterCapability(RedisClusterFixture fixture) : CapabilitySuite(fixture);
public sealed class ClusterDisposal(RedisClusterFixture fixture) : DisposalSuite(fixture);
public sealed class ClusterEnumeration(RedisClusterFixture fixture) : EnumerationSuite(fixture);
public sealed class ClusterEpoch(RedisClusterFixture fixture) : EpochSuite(fixture);
public sealed class ClusterExpiry(RedisClusterFixture fixture) : ExpirySuite(fixture);
public sealed class ClusterFault(RedisClusterFixture fixture) : FaultSuite(fixture);
public sealed class ClusterHistory(RedisClusterFixture fixture) : HistorySuite(fixture);
public sealed class ClusterIdentifier(RedisClusterFixture fixture) : IdentifierSuite(fixture);
public sealed class ClusterIsolation(RedisClusterFixture fixture) : IsolationSuite(fixture);
public sealed class ClusterKey(RedisClusterFixture fixture) : KeySuite(fixture);
public sealed class ClusterLifecycle(RedisClusterFixture fixture) : LifecycleSuite(fixture);
public sealed class ClusterNodeClock(RedisClusterFixture fixture) : NodeClockSuite(fixture);
public sealed class ClusterPayload(RedisClusterFixture fixture) : PayloadSuite(fixture);
public sealed class ClusterPruning(RedisClusterFixture fixture) : PruningSuite(fixture);
public sealed class ClusterRace(RedisClusterFixture fixture) : RaceSuite(fixture);
public sealed class ClusterRegistration(RedisClusterFixture fixture) : RegistrationSuite(fixture);
public sealed class ClusterReplacement(RedisClusterFixture fixture) : ReplacementSuite(fixture);
public sealed class ClusterResurrection(RedisClusterFixture fixture) : ResurrectionSuite(fixture);
public sealed class ClusterRotation(RedisClusterFixture fixture) : RotationSuite(fixture);
public sealed class ClusterSecret(RedisClusterFixture fixture) : SecretSuite(fixture);
public sealed class ClusterSetUp(RedisClusterFixture fixture) : SetUpSuite(fixture);
public sealed class ClusterSlide(RedisClusterFixture fixture) : SlideSuite(fixture);
public sealed class ClusterSubject(RedisClusterFixture fixture) : SubjectSuite(fixture);
public sealed class ClusterTouch(RedisClusterFixture fixture) : TouchSuite(fixture);
public sealed class ClusterVersion(RedisClusterFixture fixture) : VersionSuite(fixture);

public sealed class KeepingCap(RedisKeepingFixture fixture) : CapSuite(fixture);
public sealed class KeepingCapability(RedisKeepingFixture fixture) : CapabilitySuite(fixture);
public sealed class KeepingEnumeration(RedisKeepingFixture fixture) : EnumerationSuite(fixture);
public sealed class KeepingEpoch(RedisKeepingFixture fixture) : EpochSuite(fixture);
public sealed class KeepingExpiry(RedisKeepingFixture fixture) : ExpirySuite(fixture);
public sealed class KeepingHistory(RedisKeepingFixture fixture) : HistorySuite(fixture);
public sealed class KeepingIsolation(RedisKeepingFixture fixture) : IsolationSuite(fixture);
public sealed class KeepingKey(RedisKeepingFixture fixture) : KeySuite(fixture);
public sealed class KeepingLifecycle(RedisKeepingFixture fixture) : LifecycleSuite(fixture);
public sealed class KeepingPayload(RedisKeepingFixture fixture) : PayloadSuite(fixture);
public sealed class KeepingPruning(RedisKeepingFixture fixture) : PruningSuite(fixture);
public sealed class KeepingRace(RedisKeepingFixture fixture) : RaceSuite(fixture);
public sealed class KeepingReplacement(RedisKeepingFixture fixture) : ReplacementSuite(fixture);
public sealed class KeepingResurrection(RedisKeepingFixture fixture) : ResurrectionSuite(fixture);
public sealed class KeepingRotation(RedisKeepingFixture fixture) : RotationSuite(fixture);
public sealed class KeepingSetUp(RedisKeepingFixture fixture) : SetUpSuite(fixture);
public sealed class KeepingSlide(RedisKeepingFixture fixture) : SlideSuite(fixture);
public sealed class KeepingSubject(RedisKeepingFixture fixture) : SubjectSuite(fixture);
public sealed class KeepingTouch(RedisKeepingFixture fixture) : TouchSuite(fixture);
public sealed class KeepingVersion(RedisKeepingFixture fixture) : VersionSuite(fixture);
