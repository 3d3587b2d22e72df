using MongoDB.Bson;
using MongoDB.Driver;
using SessionStores.Backends;

namespace SessionStores.MongoGateway.Tests;

public sealed class WriteTests(GatewayFixture gateway)
{
    private readonly IMongoCollection<BsonDocument> _collection = gateway.NewCollection();

    [Fact]
    public async Task A_document_is_inserted_found_updated_and_deleted()
    {
        await _collection.InsertOneAsync(new BsonDocument { { "_id", "a" }, { "value", 1 }, { "at", new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc) } });

        var updated = await _collection.UpdateOneAsync("{ _id: 'a' }", "{ $set: { value: 2 } }");
        var found = await _collection.Find("{ _id: 'a' }").SingleAsync();
        var deleted = await _collection.DeleteOneAsync("{ _id: 'a' }");

        Assert.Equal((1, 1), (updated.MatchedCount, updated.ModifiedCount));
        Assert.Equal(2, found["value"].AsInt32);
        Assert.Equal(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), found["at"].ToUniversalTime());
        Assert.Equal(1, deleted.DeletedCount);
        Assert.Equal(0, await _collection.CountDocumentsAsync("{}"));
    }

    [Fact]
    public async Task An_upsert_reports_the_new_id()
    {
        var result = await _collection.ReplaceOneAsync("{ _id: 'new' }", new BsonDocument("value", 1), new ReplaceOptions { IsUpsert = true });

        Assert.Equal("new", result.UpsertedId.AsString);
        Assert.Equal(0, result.MatchedCount);
    }

    [Fact]
    public async Task A_taken_id_is_a_duplicate_key()
    {
        await _collection.InsertOneAsync(new BsonDocument("_id", "a"));

        var exception = await Assert.ThrowsAsync<MongoWriteException>(() => _collection.InsertOneAsync(new BsonDocument("_id", "a")));

        Assert.Equal(ServerErrorCategory.DuplicateKey, exception.WriteError.Category);
        Assert.Equal(11000, exception.WriteError.Code);
    }

    [Fact]
    public async Task An_unordered_bulk_write_goes_on_after_a_failed_insert()
    {
        await _collection.InsertOneAsync(new BsonDocument("_id", 1));
        WriteModel<BsonDocument>[] writes =
        [
            new InsertOneModel<BsonDocument>(new BsonDocument("_id", 1)),
            new InsertOneModel<BsonDocument>(new BsonDocument("_id", 2)),
            new UpdateOneModel<BsonDocument>("{ _id: 1 }", "{ $set: { value: 'x' } }"),
            new DeleteOneModel<BsonDocument>("{ _id: 2 }"),
        ];

        var exception = await Assert.ThrowsAsync<MongoBulkWriteException<BsonDocument>>(
            () => _collection.BulkWriteAsync(writes, new BulkWriteOptions { IsOrdered = false }));

        Assert.Equal(0, Assert.Single(exception.WriteErrors).Index);
        Assert.Equal((1, 1, 1), (exception.Result.InsertedCount, exception.Result.ModifiedCount, exception.Result.DeletedCount));
    }

    [Fact]
    public async Task Find_and_modify_returns_the_document_before_or_after()
    {
        await _collection.InsertOneAsync(new BsonDocument { { "_id", "a" }, { "value", 1 } });
        var after = new FindOneAndUpdateOptions<BsonDocument> { ReturnDocument = ReturnDocument.After };

        var updated = await _collection.FindOneAndUpdateAsync("{ _id: 'a' }", "{ $inc: { value: 1 } }", after);
        var missing = await _collection.FindOneAndUpdateAsync("{ _id: 'b' }", "{ $inc: { value: 1 } }", after);
        var deleted = await _collection.FindOneAndDeleteAsync("{ _id: 'a' }");

        Assert.Equal(2, updated["value"].AsInt32);
        Assert.Null(missing);
        Assert.Equal(2, deleted["value"].AsInt32);
    }

    [Fact]
    public async Task Batches_of_many_and_of_large_documents_are_taken()
    {
        var large = new byte[15 * 1024 * 1024];

        await _collection.InsertManyAsync(Enumerable.Range(0, 20_000).Select(index => new BsonDocument("_id", index)));
        await _collection.InsertManyAsync(Enumerable.Range(0, 4).Select(index => new BsonDocument { { "_id", $"large {index}" }, { "value", large } }));

        Assert.Equal(20_004, await _collection.CountDocumentsAsync("{}"));
        var found = await _collection.Find("{ _id: 'large 3' }").SingleAsync();
        Assert.Equal(large.Length, found["value"].AsByteArray.Length);
    }

    [Fact]
    public async Task A_write_without_acknowledgement_is_done()
    {
        await _collection.WithWriteConcern(WriteConcern.Unacknowledged).InsertOneAsync(new BsonDocument("_id", "a"));

        await Wait.UntilAsync(async token => await _collection.CountDocumentsAsync("{ _id: 'a' }", cancellationToken: token) == 1, TimeSpan.FromSeconds(20), "the document to be there");
    }

    [Fact]
    public async Task An_invalid_update_is_refused_with_its_code()
    {
        await _collection.InsertOneAsync(new BsonDocument("_id", "a"));

        var exception = await Assert.ThrowsAsync<MongoWriteException>(() => _collection.UpdateOneAsync("{ _id: 'a' }", "{ $set: { _id: 'b' } }"));

        Assert.Equal(66, exception.WriteError.Code);
    }
}
