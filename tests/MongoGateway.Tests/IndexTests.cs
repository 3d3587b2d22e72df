using MongoDB.Bson;
using MongoDB.Driver;
using Npgsql;

namespace SessionStores.MongoGateway.Tests;

public sealed class IndexTests(GatewayFixture gateway)
{
    private readonly IMongoCollection<BsonDocument> _collection = gateway.NewCollection();

    [Fact]
    public async Task An_index_is_ready_when_its_creation_returns()
    {
        await _collection.InsertOneAsync(new BsonDocument { { "_id", 1 }, { "value", "x" } });

        var name = await CreateAsync("{ value: 1 }", new CreateIndexOptions { Unique = true });
        var listed = await (await _collection.Indexes.ListAsync()).ToListAsync();
        var exception = await Assert.ThrowsAsync<MongoWriteException>(() => _collection.InsertOneAsync(new BsonDocument { { "_id", 2 }, { "value", "x" } }));

        Assert.Equal("value_1", name);
        Assert.Equal(["_id_", "value_1"], listed.Select(index => index["name"].AsString));
        Assert.Equal(ServerErrorCategory.DuplicateKey, exception.WriteError.Category);
    }

    [Fact]
    public async Task An_index_can_be_created_before_any_document_and_twice()
    {
        await CreateAsync("{ value: 1 }");
        await CreateAsync("{ value: 1 }");

        Assert.Equal(2, (await (await _collection.Indexes.ListAsync()).ToListAsync()).Count);
    }

    [Fact]
    public async Task An_index_of_the_same_name_and_other_options_is_a_conflict()
    {
        await CreateAsync("{ value: 1 }");

        var exception = await Assert.ThrowsAsync<MongoCommandException>(() => CreateAsync("{ other: 1 }", new CreateIndexOptions { Name = "value_1" }));

        Assert.Equal(86, exception.Code);
    }

    [Fact]
    public async Task An_index_can_be_dropped_and_a_missing_one_is_named()
    {
        await CreateAsync("{ value: 1 }");

        await _collection.Indexes.DropOneAsync("value_1");
        var exception = await Assert.ThrowsAsync<MongoCommandException>(() => _collection.Indexes.DropOneAsync("value_1"));

        Assert.Single(await (await _collection.Indexes.ListAsync()).ToListAsync());
        Assert.Equal(27, exception.Code);
    }

    [Fact]
    public async Task Expired_documents_are_removed_by_a_ttl_index()
    {
        await CreateAsync("{ at: 1 }", new CreateIndexOptions { ExpireAfter = TimeSpan.Zero });
        await _collection.InsertManyAsync(
        [
            new BsonDocument { { "_id", "expired" }, { "at", DateTime.UtcNow.AddHours(-1) } },
            new BsonDocument { { "_id", "alive" }, { "at", DateTime.UtcNow.AddHours(1) } },
        ]);

        // pg_cron calls this each minute.
        await using var postgres = await GatewayFixture.ConnectToPostgresAsync();
        await using var command = new NpgsqlCommand("CALL documentdb_api_internal.delete_expired_rows()", postgres);
        await command.ExecuteNonQueryAsync();

        Assert.Equal("alive", (await _collection.Find("{}").SingleAsync())["_id"].AsString);
    }

    private Task<string> CreateAsync(string keys, CreateIndexOptions? options = null) =>
        _collection.Indexes.CreateOneAsync(new CreateIndexModel<BsonDocument>(keys, options));
}
