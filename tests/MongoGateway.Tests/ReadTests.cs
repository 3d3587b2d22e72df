using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.MongoGateway.Tests;

public sealed class ReadTests(GatewayFixture gateway)
{
    private readonly IMongoCollection<BsonDocument> _collection = gateway.NewCollection();

    [Theory]
    [InlineData("{ _id: 1 }")]
    [InlineData("{ value: 1, _id: 1 }")]
    [InlineData(null)]
    public async Task A_cursor_returns_every_document_once_in_batches(string? sort)
    {
        await FillAsync(100);
        var find = _collection.Find("{}", new FindOptions { BatchSize = 7 });
        List<int> found = [];
        var batches = 0;

        using (var cursor = await (sort is null ? find : find.Sort(sort)).ToCursorAsync())
        {
            while (await cursor.MoveNextAsync())
            {
                batches++;
                found.AddRange(cursor.Current.Select(document => document["_id"].AsInt32));
            }
        }

        Assert.True(batches >= 14, $"{batches} batches");
        Assert.Equal(Enumerable.Range(0, 100), found.Order());
    }

    [Fact]
    public async Task Many_cursors_are_open_at_once_and_can_be_left_unfinished()
    {
        await FillAsync(50);
        List<IAsyncCursor<BsonDocument>> cursors = [];

        for (var index = 0; index < 40; index++)
            cursors.Add(await _collection.Find("{}", new FindOptions { BatchSize = 10 }).Sort("{ value: 1 }").ToCursorAsync());
        foreach (var cursor in cursors)
        {
            Assert.True(await cursor.MoveNextAsync());
            Assert.True(await cursor.MoveNextAsync());
            cursor.Dispose();
        }

        Assert.Equal(50, await _collection.CountDocumentsAsync("{}"));
    }

    [Fact]
    public async Task A_killed_cursor_is_not_found()
    {
        await FillAsync(50);
        var database = _collection.Database;
        var name = _collection.CollectionNamespace.CollectionName;
        var first = await database.RunCommandAsync<BsonDocument>(new BsonDocument { { "find", name }, { "batchSize", 2 } });
        var id = first["cursor"]["id"].AsInt64;

        var killed = await database.RunCommandAsync<BsonDocument>(new BsonDocument { { "killCursors", name }, { "cursors", new BsonArray { id } } });
        var exception = await Assert.ThrowsAsync<MongoCommandException>(
            () => database.RunCommandAsync<BsonDocument>(new BsonDocument { { "getMore", id }, { "collection", name } }));

        Assert.NotEqual(0, id);
        Assert.Equal(id, killed["cursorsKilled"][0].AsInt64);
        Assert.Equal(43, exception.Code);
    }

    [Fact]
    public async Task Aggregation_counting_and_distinct_values_work()
    {
        await FillAsync(10);

        var groups = await _collection.Aggregate().Group(new BsonDocument { { "_id", "$value" }, { "count", new BsonDocument("$sum", 1) } }).Sort("{ _id: 1 }").ToListAsync();
        var values = await _collection.Distinct<int>("value", "{}").ToListAsync();

        Assert.Equal([4, 3, 3], groups.Select(group => group["count"].ToInt32()));
        Assert.Equal([0, 1, 2], values.Order());
        Assert.Equal(4, await _collection.CountDocumentsAsync("{ value: 0 }"));
        Assert.Equal(10, await _collection.EstimatedDocumentCountAsync());
    }

    [Fact]
    public async Task A_time_limit_ends_a_command_that_waits()
    {
        await FillAsync(1);
        await using var postgres = await GatewayFixture.ConnectToPostgresAsync();
        await using var transaction = await postgres.BeginTransactionAsync();
        await using var command = new Npgsql.NpgsqlCommand("SELECT collection_id FROM documentdb_api_catalog.collections WHERE collection_name = $1", postgres)
        {
            Parameters = { new() { Value = _collection.CollectionNamespace.CollectionName } },
        };
        var id = (long)(await command.ExecuteScalarAsync())!;
        await using var locking = new Npgsql.NpgsqlCommand($"LOCK TABLE documentdb_data.documents_{id}", postgres);
        await locking.ExecuteNonQueryAsync();

        await Assert.ThrowsAsync<MongoExecutionTimeoutException>(
            () => _collection.Find("{}", new FindOptions { MaxTime = TimeSpan.FromMilliseconds(200) }).ToListAsync());

        await transaction.RollbackAsync();
        Assert.Single(await _collection.Find("{}", new FindOptions { MaxTime = TimeSpan.FromMinutes(1) }).ToListAsync());
    }

    private Task FillAsync(int count) =>
        _collection.InsertManyAsync(Enumerable.Range(0, count).Select(index => new BsonDocument { { "_id", index }, { "value", index % 3 } }));
}
