using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Driver;
using SessionStores.Backends;
using SessionStores.Interop.Tests.Sites;
using SessionStores.Mongo;

namespace SessionStores.Interop.Tests.Servers;

internal sealed class MongoServer(MongoBackend backend) : SharedServer("mongo")
{
    private readonly MongoClient _client = new(backend.ConnectionString);
    private string _database = "";

    public override IReadOnlyList<string> OlderStores { get; } = ["connect-mongo-5"];

    private IMongoCollection<BsonDocument> Sessions => _client.GetDatabase(_database).GetCollection<BsonDocument>("sessions");

    public override async Task PrepareAsync()
    {
        await DropAsync();
        _database = $"run_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";
    }

    public override JsonObject ToNode(SiteOptions options)
    {
        var settings = new JsonObject { ["kind"] = options.OlderStore ?? "mongo", ["url"] = backend.ConnectionString, ["database"] = _database };
        if (!options.Stringify)
            settings["stringify"] = false;

        return settings;
    }

    public override void Use(ISessionStoresBuilder builder, SiteOptions options) => builder.UseMongo(backend.ConnectionString, mongo =>
    {
        mongo.Database = _database;
        mongo.Stringify = options.Stringify;
    });

    public override async Task<StoredRecord?> FindAsync(string id)
    {
        var document = await Sessions.Find(Builders<BsonDocument>.Filter.Eq("_id", id)).FirstOrDefaultAsync();
        if (document is null)
            return null;

        // A link that a rotation has left holds no session.
        var session = document["session"];
        if (session.IsBsonNull)
            return null;

        var text = session.IsString ? session.AsString : session.ToJson();
        if (!document.TryGetValue("expires", out var expires))
            return new StoredRecord(text, null);

        var remaining = expires.ToUniversalTime() - DateTime.UtcNow;
        return remaining <= TimeSpan.Zero ? null : new StoredRecord(text, remaining);
    }

    public override Task WriteAsync(string id, string text, TimeSpan life) => Sessions.ReplaceOneAsync(
        Builders<BsonDocument>.Filter.Eq("_id", id),
        new BsonDocument { { "_id", id }, { "session", text }, { "expires", DateTime.UtcNow + life } },
        new ReplaceOptions { IsUpsert = true });

    public override Task SetLifeAsync(string id, TimeSpan life) => Sessions.UpdateOneAsync(
        Builders<BsonDocument>.Filter.Eq("_id", id), Builders<BsonDocument>.Update.Set("expires", DateTime.UtcNow + life));

    public override Task RemoveAsync(string id) => Sessions.DeleteOneAsync(Builders<BsonDocument>.Filter.Eq("_id", id));

    public override async ValueTask DisposeAsync()
    {
        await DropAsync();
        _client.Dispose();
    }

    private Task DropAsync() => _database.Length > 0 ? _client.DropDatabaseAsync(_database) : Task.CompletedTask;
}
