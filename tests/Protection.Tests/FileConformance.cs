using SessionStores.Conformance;
using SessionStores.Protection.Tests.FileConformance;
using ThirdParty;

[assembly: AssemblyFixture(typeof(ProtectedFileFixture))]

namespace SessionStores.Protection.Tests.FileConformance;

/// <summary>The sample of a store of another author behind protection, with one key and subjects as they are.</summary>
public sealed class ProtectedFileFixture : SessionStoreFixture
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("sessionstores-protected-");

    public override string Name => "files-protected";

    public override int RaceRounds => 60;

    public override StoreCapabilities Capabilities =>
        StoreCapabilities.Enumeration | StoreCapabilities.Pruning | StoreCapabilities.AtomicRotation | StoreCapabilities.Clock | StoreCapabilities.StoredCount;

    public override ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings)
    {
        var options = Keys.Options(Keys.Current);
        if (settings.MaxPayloadBytes is { } limit)
            options.MaxPayloadBytes = limit;

        return new(new ProtectedStore(new FileStore(Folder(@namespace), settings.Clock, 4 << 20), options, settings.Clock));
    }

    public override ValueTask<long> CountStoredAsync(string @namespace) =>
        new(Directory.Exists(Folder(@namespace)) ? Directory.GetFiles(Folder(@namespace)).LongLength : 0);

    public override ValueTask DropAsync(string @namespace)
    {
        if (Directory.Exists(Folder(@namespace)))
            Directory.Delete(Folder(@namespace), recursive: true);

        return default;
    }

    protected override ValueTask StopAsync()
    {
        _root.Delete(recursive: true);
        return default;
    }

    private string Folder(string name) => Path.Combine(_root.FullName, name);
}

public sealed class Cancellation(ProtectedFileFixture fixture) : CancellationSuite(fixture);
public sealed class Cap(ProtectedFileFixture fixture) : CapSuite(fixture);
public sealed class Capability(ProtectedFileFixture fixture) : CapabilitySuite(fixture);
public sealed class Disposal(ProtectedFileFixture fixture) : DisposalSuite(fixture);
public sealed class Enumeration(ProtectedFileFixture fixture) : EnumerationSuite(fixture);
public sealed class Epoch(ProtectedFileFixture fixture) : EpochSuite(fixture);
public sealed class Expiry(ProtectedFileFixture fixture) : ExpirySuite(fixture);
public sealed class Fault(ProtectedFileFixture fixture) : FaultSuite(fixture);
public sealed class History(ProtectedFileFixture fixture) : HistorySuite(fixture);
public sealed class Identifier(ProtectedFileFixture fixture) : IdentifierSuite(fixture);
public sealed class Isolation(ProtectedFileFixture fixture) : IsolationSuite(fixture);
public sealed class Key(ProtectedFileFixture fixture) : KeySuite(fixture);
public sealed class Lifecycle(ProtectedFileFixture fixture) : LifecycleSuite(fixture);
public sealed class NodeClock(ProtectedFileFixture fixture) : NodeClockSuite(fixture);
public sealed class Payload(ProtectedFileFixture fixture) : PayloadSuite(fixture);
public sealed class Pruning(ProtectedFileFixture fixture) : PruningSuite(fixture);
public sealed class Race(ProtectedFileFixture fixture) : RaceSuite(fixture);
public sealed class Registration(ProtectedFileFixture fixture) : RegistrationSuite(fixture);
public sealed class Replacement(ProtectedFileFixture fixture) : ReplacementSuite(fixture);
public sealed class Resurrection(ProtectedFileFixture fixture) : ResurrectionSuite(fixture);
public sealed class Rotation(ProtectedFileFixture fixture) : RotationSuite(fixture);
public sealed class Secret(ProtectedFileFixture fixture) : SecretSuite(fixture);
public sealed class SetUp(ProtectedFileFixture fixture) : SetUpSuite(fixture);
public sealed class Slide(ProtectedFileFixture fixture) : SlideSuite(fixture);
public sealed class Subject(ProtectedFileFixture fixture) : SubjectSuite(fixture);
public sealed class Touch(ProtectedFileFixture fixture) : TouchSuite(fixture);
public sealed class Version(ProtectedFileFixture fixture) : VersionSuite(fixture);
