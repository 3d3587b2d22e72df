using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Http.Sites;

/// <summary>Bare endpoints that do nothing but the calls of the driver: one find; find, then update with the same text.</summary>
internal static class RawMongoSite
{
    public static Task MapAsync(WebApplication app, string connection)
    {
        var url = new MongoUrl(connection);
        var client = new MongoClient(url);
        app.Lifetime.ApplicationStopped.Register(client.Dispose);
        var sessions = client.GetDatabase(url.DatabaseName ?? "test").GetCollection<BsonDocument>("sessions").WithWriteConcern(WriteConcern.WMajority);
        app.MapGet("/read", async (HttpRequest request) =>
        {
            var found = await sessions.Find(new BsonDocument("_id", SampleSession.IdOf(request))).FirstOrDefaultAsync();
            return found is null ? SampleSession.Anonymous : "user-1000";
        });
        app.MapGet("/change", async (HttpRequest request) =>
        {
            var filter = new BsonDocument("_id", SampleSession.IdOf(request));
            var found = await sessions.Find(filter).FirstOrDefaultAsync();
            if (found is null)
                return SampleSession.Anonymous;

            var expires = new BsonDateTime(DateTime.UtcNow + SampleSession.IdleTimeout);
            await sessions.UpdateOneAsync(filter, new BsonDocument("$set", new BsonDocument { { "session", found["session"] }, { "expires", expires } }));
            return "1000";
        });
        return Task.CompletedTask;
    }
}
