using System.Text;
using MongoDB.Bson;
using MongoDB.Driver;
using SessionStores.Backends;
using SessionStores.Mongo;

namespace SessionStores.Benchmarks.Subjects;

/// <summary>MongoStore against one find, update or insert by key on the same collection.</summary>
internal sealed class MongoSubject(BackendLease<MongoBackend> lease, MongoClient client) : Subject
{
    private readonly IMongoCollection<BsonDocument> _sessions =
        client.GetDatabase("test").GetCollection<BsonDocument>("sessions").WithWriteConcern(WriteConcern.WMajority);

    private MongoStore? _store;

    public override ISessionStore Store => _store ??= new MongoStore(_sessions);

    private static BsonDateTime InAnHour => new(TimeProvider.System.GetUtcNow().AddHours(1).UtcDateTime);

    public static async Task<Subject?> StartAsync()
    {
        var lease = await MongoBackend.StartAsync();
        return lease.IsAvailable ? new MongoSubject(lease, new MongoClient(lease.Backend.ConnectionString)) : null;
    }

    public override Task RawGetAsync() => _sessions.Find(new BsonDocument("_id", Id)).FirstOrDefaultAsync();

    public override Task RawReplaceAsync() => _sessions.UpdateOneAsync(
        new BsonDocument("_id", Id), new BsonDocument("$set", new BsonDocument { { "session", Encoding.UTF8.GetString(Payload) }, { "expires", InAnHour } }));

    public override Task RawCreateAsync() => _sessions.InsertOneAsync(
        new BsonDocument { { "_id", NextId() }, { "session", Encoding.UTF8.GetString(Payload) }, { "expires", InAnHour } });

    public override Task RawTouchAsync() =>
        _sessions.UpdateOneAsync(new BsonDocument("_id", Id), new BsonDocument("$set", new BsonDocument("expires", InAnHour)));

    public override async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();

        client.Dispose();
        await lease.DisposeAsync();
    }
}
