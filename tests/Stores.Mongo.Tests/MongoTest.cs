using System.Text;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Driver;
using SessionStores.Conformance;

namespace SessionStores.Mongo.Tests;

/// <summary>A collection of its own for each test, and a clock set to a time at which the stored samples are live.</summary>
public abstract class MongoTest(MongoFixture fixture) : IAsyncLifetime
{
    protected const string Json = """{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"views":1}""";

    private readonly List<MongoStore> _stores = [];

    protected MongoFixture Fixture => fixture;

    protected FakeClock Clock { get; } = new(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

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

        if (Collection is not null)
            await fixture.Database.DropCollectionAsync(Collection.CollectionNamespace.CollectionName);
    }

    protected MongoStore Open(Action<MongoStoreOptions>? configure = null, IMongoCollection<BsonDocument>? collection = null)
    {
        var options = new MongoStoreOptions { AutoRemove = AutoRemove.Disabled };
        configure?.Invoke(options);
        var store = new MongoStore(collection ?? Collection, options, Clock);
        _stores.Add(store);
        return store;
    }

    protected DateTimeOffset In(double minutes) => Clock.GetUtcNow().AddMinutes(minutes);

    protected SessionContent Content(string json = Json, double minutes = 60, string? subject = null) => new(Encoding.UTF8.GetBytes(json), In(minutes), subject);

    protected async Task<BsonDocument?> StoredAsync(string id)
    {
        using var cursor = await Collection.FindAsync(new BsonDocument("_id", id));
        return await cursor.FirstOrDefaultAsync();
    }

    protected async Task PlantAsync(BsonDocument document) => await Collection.InsertOneAsync(document);

    protected static string Text(SessionRecord? record) => Encoding.UTF8.GetString(record!.Payload.Span);

    protected static BsonDocument Sample(string name)
    {
        using var stream = typeof(MongoTest).Assembly.GetManifestResourceStream(name + ".b64")!;
        using var reader = new StreamReader(stream);
        return BsonSerializer.Deserialize<BsonDocument>(Convert.FromBase64String(reader.ReadToEnd()));
    }
}
