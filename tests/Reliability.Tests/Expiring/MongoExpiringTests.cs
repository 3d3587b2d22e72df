using MongoDB.Bson;
using MongoDB.Driver;
using SessionStores.Backends;

namespace SessionStores.Reliability.Tests.Expiring;

public sealed class MongoExpiringTests(ITestOutputHelper output) : ExpiringTests(output)
{
    protected override string Store => "MongoDB";

    protected override async Task<(Backend Server, string Connection)> StartAsync()
    {
        var backend = Target.Available(await MongoBackend.StartAsync(new MongoBackendOptions { Sources = BackendSources.Controlled }));
        return (backend, $"{backend.ConnectionString}/expiring{ObjectId.GenerateNewId()}?directConnection=true");
    }

    protected override async Task<long> CountAsync(string connection)
    {
        var url = new MongoUrl(connection);
        using var client = new MongoClient(url);
        return await client.GetDatabase(url.DatabaseName).GetCollection<BsonDocument>("sessions").CountDocumentsAsync(new BsonDocument());
    }
}
