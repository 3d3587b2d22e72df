using System.Security.Cryptography;
using System.Text;
using SessionStores;
using SessionStores.Conformance;

namespace ThirdParty.Tests;

public sealed class FileFixture : SessionStoreFixture
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public override string Name => "files";

    public override int RaceRounds => 60;

    public override StoreCapabilities Capabilities =>
        StoreCapabilities.Enumeration | StoreCapabilities.Pruning | StoreCapabilities.AtomicRotation | StoreCapabilities.Clock
        | StoreCapabilities.UnreadableRecords | StoreCapabilities.StoredCount;

    public override ValueTask<ISessionStore> CreateStoreAsync(string @namespace, StoreSettings settings) =>
        new(new FileStore(Folder(@namespace), settings.Clock, settings.MaxPayloadBytes ?? SessionArguments.DefaultMaxPayloadBytes));

    public override IReadOnlyDictionary<string, string> Waivers { get; } = new Dictionary<string, string>
    {
        ["Cap"] = "the store does not limit sessions, since it does not find them by subject",
        ["Epoch"] = "the store does not know when a session got its subject",
        ["Fault"] = "a folder has no server that can be taken away",
        ["NodeClock"] = "there is no server whose clock could differ",
        ["Registration"] = "the store has no UseX method",
        ["SetUp"] = "there is nothing to set up but a folder",
        ["Subject"] = "the store does not find sessions by subject",
    };

    public override async ValueTask PlantUnreadableAsync(string @namespace, string id)
    {
        Directory.CreateDirectory(Folder(@namespace));
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id))) + ".session";
        await File.WriteAllTextAsync(Path.Combine(Folder(@namespace), name), "what another program left here");
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
        if (Directory.Exists(_root))
            Directory.Delete(_root, recursive: true);

        return default;
    }

    private string Folder(string name) => Path.Combine(_root, name);
}
