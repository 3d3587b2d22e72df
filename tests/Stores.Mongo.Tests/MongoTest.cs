using System.Text;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Driver;
using SessionStores.Conformance;

namespace SessionStores.Mongo.Tests;

/// <summary>A collection of its own for each test. Time is that of the server; a test that needs the past changes the stored document.</summary>
public abstract class MongoTest(MongoFixture fixture) : IAsyncLifetime
{
    protected const string Json = """{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"views":1}""";

    private readonly List<MongoStore> _stores = [];
    private readonly List<MongoClient> _clients = [];

    protected MongoFixture Fixture => fixture;

    /// <summary>When the test began, in whole milliseconds.</summary>
    protected DateTimeOffset Start { get; } = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());

    protected IMongoCollection<BsonDocument> Collection { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync()
    {
        await fixture.ReadyAsync();
        Collection = fixture.Database.GetCollection<BsonDocument>("t" + ObjectId.GenerateNewId());
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var store in _stores)
            await store.DisposeAsync();

        foreach (var client in _clients)
            client.Dispose();

        if (Collection is not null)
            await fixture.Database.DropCollectionAsync(Collection.CollectionNamespace.CollectionName);
    }

    protected MongoStore Open(Action<MongoStoreOptions>? configure = null, IMongoCollection<BsonDocument>? collection = null)
    {
        var options = new MongoStoreOptions { AutoRemove = AutoRemove.Disabled };
        configure?.Invoke(options);
        var store = new MongoStore(collection ?? Collection, options);
        _stores.Add(store);
        return store;
    }

    protected DateTimeOffset In(double minutes) => Start.AddMinutes(minutes);

    protected SessionContent Content(string json = Json, double minutes = 60, string? subject = null) => new(Encoding.UTF8.GetBytes(json), In(minutes), subject);

    protected async Task<BsonDocument?> StoredAsync(string id)
    {
        using var cursor = await Collection.FindAsync(new BsonDocument("_id", id));
        return await cursor.FirstOrDefaultAsync();
    }

    /// <summary>Moves a date of a stored document into the past, as if so much time had passed.</summary>
    protected async Task AgeAsync(string id, string field, double minutes)
    {
        var moved = (await StoredAsync(id))!;
        var value = field.Split('.').Aggregate((BsonValue)moved, (value, name) => value[name]).AsBsonDateTime;
        await Collection.UpdateOneAsync(
            new BsonDocument("_id", id), new BsonDocument("$set", new BsonDocument(field, new BsonDateTime(value.MillisecondsSinceEpoch - (long)(minutes * 60_000)))));
    }

    /// <summary>Creates a client that reports the commands it sends, and returns the collection through it.</summary>
    protected IMongoCollection<BsonDocument> Observe(Action<MongoDB.Driver.Core.Configuration.ClusterBuilder> configure)
    {
        var settings = MongoClientSettings.FromConnectionString(fixture.Backend.ConnectionString);
        settings.ClusterConfigurator = configure;
        var client = new MongoClient(settings);
        _clients.Add(client);
        return client.GetDatabase(fixture.DatabaseName).GetCollection<BsonDocument>(Collection.CollectionNamespace.CollectionName);
    }

    protected async Task PlantAsync(BsonDocument document) => await Collection.InsertOneAsync(document);

    protected static string Text(SessionRecord? record) => Encoding.UTF8.GetString(record!.Payload.Span);

    /// <summary>What connect-mongo wrote, with an expiry that has not passed.</summary>
    protected static BsonDocument Sample(string name)
    {
        using var stream = typeof(MongoTest).Assembly.GetManifestResourceStream(name + ".b64")!;
        using var reader = new StreamReader(stream);
        var document = BsonSerializer.Deserialize<BsonDocument>(Convert.FromBase64String(reader.ReadToEnd()));
        document["expires"] = new BsonDateTime(new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds());
        return document;
    }
}
