using MongoDB.Bson;
using MongoDB.Driver;
using SessionStores.Mongo;

namespace SessionStores.Tool;

/// <summary>What matters of a MongoDB server: its version, whether it is a replica set, and the indexes of the collection.</summary>
internal static class MongoCheck
{
    private static readonly Version Oldest = new(4, 4);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static string Rights(OpenStore store) =>
        $"The user needs find, insert, update, remove and listIndexes on the collection {store.Setting("Collection", "sessions")}, and createIndex until its indexes exist; the role readWrite has them.";

    public static async Task RunAsync(OpenStore store, bool setsUp, CheckReport report, CancellationToken cancellationToken)
    {
        await store.Store.GetAsync(CheckCommand.MissingId, null, cancellationToken);
        report.Ok("connection", store.Description);
        if (setsUp)
            await store.Capability<MongoStore>().SetUpAsync(cancellationToken);

        var url = MongoUrl.Create(store.Connection);
        var settings = MongoClientSettings.FromUrl(url);
        settings.ServerSelectionTimeout = Limit;
        using var client = new MongoClient(settings);
        var database = client.GetDatabase(store.Setting("Database", url.DatabaseName ?? "test"));
        try
        {
            await ServerAsync(database, report, cancellationToken);
            await IndexesAsync(database, store, report, cancellationToken);
        }
        catch (Exception failure) when (failure is MongoException or TimeoutException)
        {
            report.Warn("server", $"buildInfo, hello or listIndexes failed ({failure.GetType().Name}), so the server and its indexes are not known.", Rights(store));
        }
    }

    private static async Task ServerAsync(IMongoDatabase database, CheckReport report, CancellationToken cancellationToken)
    {
        var build = await database.RunCommandAsync<BsonDocument>(new BsonDocument("buildInfo", 1), cancellationToken: cancellationToken);
        var text = build.GetValue("version", "").AsString;
        if (Version.TryParse(text.Split('-')[0], out var version) && version < Oldest)
            report.Fail("version", $"MongoDB {text} is older than the store supports.", $"Use MongoDB {Oldest} or later.");
        else
            report.Ok("version", $"MongoDB {text}.");

        var hello = await database.RunCommandAsync<BsonDocument>(new BsonDocument("hello", 1), cancellationToken: cancellationToken);
        if (hello.Contains("setName") || hello.GetValue("msg", "") == "isdbgrid")
            report.Ok("replicas", hello.Contains("setName") ? $"The server is in the replica set {hello["setName"]}." : "The server is a sharded cluster.");
        else
            report.Warn("replicas", "The server is not in a replica set: nothing takes over when it fails, and writes are not sent again after a lost connection.", "Use a replica set of three servers where sessions must outlive one.");
    }

    private static async Task IndexesAsync(IMongoDatabase database, OpenStore store, CheckReport report, CancellationToken cancellationToken)
    {
        var autoRemove = Enum.TryParse<AutoRemove>(store.Setting("AutoRemove", nameof(AutoRemove.Native)), ignoreCase: true, out var value) ? value : AutoRemove.Native;
        List<string> wanted = ["subject"];
        if (autoRemove == AutoRemove.Native)
            wanted.Add("expires");
        if (autoRemove != AutoRemove.Interval)
            wanted.Add("moved.until");

        using var cursor = await database.GetCollection<BsonDocument>(store.Setting("Collection", "sessions")).Indexes.ListAsync(cancellationToken);
        var present = (await cursor.ToListAsync(cancellationToken)).Select(index => index["key"].AsBsonDocument.GetElement(0).Name).ToHashSet();
        List<string> missing = [.. wanted.Where(field => !present.Contains(field))];
        report.IsSetUp = missing.Count == 0;
        if (missing.Count == 0)
            report.Ok("indexes", $"The collection has its indexes on {string.Join(", ", wanted)}.");
        else
            report.Warn("indexes", $"The collection has no index on {string.Join(", ", missing)}. The first write of the application creates them.", "Nothing needs to be done where the user may create indexes. --set-up creates them now.");
    }
}
