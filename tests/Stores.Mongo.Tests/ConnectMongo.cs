using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo.Tests;

/// <summary>The commands that connect-mongo 6 sends.</summary>
public static class ConnectMongo
{
    public static Task SetUpAsync(IMongoCollection<BsonDocument> collection) => collection.Database.RunCommandAsync<BsonDocument>(new BsonDocument
    {
        { "createIndexes", collection.CollectionNamespace.CollectionName },
        { "indexes", new BsonArray { new BsonDocument { { "key", new BsonDocument("expires", 1) }, { "name", "expires_1" }, { "expireAfterSeconds", 0 }, { "background", true } } } },
    });

    public static Task SetAsync(IMongoCollection<BsonDocument> collection, string id, BsonValue session, DateTimeOffset? expiresAt)
    {
        var document = new BsonDocument { { "_id", id }, { "session", session } };
        if (expiresAt is { } instant)
            document.Add("expires", new BsonDateTime(instant.ToUnixTimeMilliseconds()));

        return collection.UpdateOneAsync(new BsonDocument("_id", id), new BsonDocument("$set", document), new UpdateOptions { IsUpsert = true });
    }
}
