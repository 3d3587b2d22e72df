using MongoDB.Bson;
using MongoDB.Driver;
using SessionStores.Backends;

namespace SessionStores.MongoGateway.Tests;

public sealed class ServerTests(GatewayFixture gateway)
{
    [Fact]
    public async Task It_reports_a_standalone_server_and_what_is_behind_it()
    {
        var admin = gateway.Client.GetDatabase("admin");

        var hello = await admin.RunCommandAsync<BsonDocument>(new BsonDocument("hello", 1));
        var info = await admin.RunCommandAsync<BsonDocument>(new BsonDocument("buildInfo", 1));

        Assert.True(hello["isWritablePrimary"].AsBoolean);
        Assert.False(hello.Contains("setName"));
        Assert.Matches(@"^\d", info["documentDbVersion"].AsString);
        Assert.StartsWith("18", info["postgresVersion"].AsString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_command_is_refused_by_name()
    {
        var exception = await Assert.ThrowsAsync<MongoCommandException>(
            () => gateway.Client.GetDatabase("admin").RunCommandAsync<BsonDocument>(new BsonDocument("noSuchCommand", 1)));

        Assert.Equal((59, "CommandNotFound"), (exception.Code, exception.CodeName));
        Assert.Contains("noSuchCommand", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_counts_its_commands()
    {
        var admin = gateway.Client.GetDatabase("admin");
        var before = await CountAsync();

        await admin.RunCommandAsync<BsonDocument>(new BsonDocument("ping", 1));

        Assert.True(await CountAsync() >= before + 2);

        async Task<long> CountAsync() => (await admin.RunCommandAsync<BsonDocument>(new BsonDocument("serverStatus", 1)))["opcounters"]["command"].ToInt64();
    }

    [Fact]
    public async Task A_transaction_is_refused()
    {
        var command = new BsonDocument { { "insert", "c" }, { "documents", new BsonArray { new BsonDocument("_id", 1) } }, { "txnNumber", 1L } };

        var exception = await Assert.ThrowsAsync<MongoCommandException>(() => gateway.Client.GetDatabase("gateway").RunCommandAsync<BsonDocument>(command));

        Assert.Equal(20, exception.Code);
    }

    [Fact]
    public async Task A_session_without_a_transaction_works()
    {
        var collection = gateway.NewCollection();
        using var session = await gateway.Client.StartSessionAsync();

        await collection.InsertOneAsync(session, new BsonDocument("_id", 1));

        Assert.Equal(1, await collection.CountDocumentsAsync(session, "{}"));
    }

    [Fact]
    public async Task Collections_and_databases_are_listed_and_dropped()
    {
        var database = gateway.Client.GetDatabase($"d{ObjectId.GenerateNewId()}");
        await database.CreateCollectionAsync("first");
        await database.GetCollection<BsonDocument>("second").InsertOneAsync(new BsonDocument("_id", 1));

        var names = await (await database.ListCollectionNamesAsync()).ToListAsync();
        await database.DropCollectionAsync("first");
        await database.DropCollectionAsync("never there");
        var rest = await (await database.ListCollectionNamesAsync()).ToListAsync();
        var databases = await (await gateway.Client.ListDatabaseNamesAsync()).ToListAsync();
        await gateway.Client.DropDatabaseAsync(database.DatabaseNamespace.DatabaseName);

        Assert.Equal(["first", "second"], names.Order(StringComparer.Ordinal));
        Assert.Equal("second", Assert.Single(rest));
        Assert.Contains(database.DatabaseNamespace.DatabaseName, databases);
        Assert.Empty(await (await database.ListCollectionNamesAsync()).ToListAsync());
    }

    [Fact]
    public async Task Many_connections_are_served_at_once()
    {
        var collection = gateway.NewCollection();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(index => collection.InsertOneAsync(new BsonDocument("_id", index))));

        Assert.Equal(200, await collection.CountDocumentsAsync("{}"));
    }

    [Fact]
    public async Task A_killed_gateway_cuts_its_clients_and_keeps_what_was_written()
    {
        await using var own = await gateway.StartOwnAsync();
        using var client = new MongoClient($"{own.ConnectionString}/?serverSelectionTimeoutMS=500&appName={ObjectId.GenerateNewId()}");
        var collection = client.GetDatabase("gateway").GetCollection<BsonDocument>($"c{ObjectId.GenerateNewId()}");
        await collection.InsertOneAsync(new BsonDocument("_id", 1));

        await own.KillAsync();
        var exception = await Record.ExceptionAsync(() => collection.CountDocumentsAsync("{}"));
        await own.RestartAsync();

        Assert.True(exception is MongoConnectionException or TimeoutException, $"{exception}");
        await Wait.UntilAsync(
            async token => await Record.ExceptionAsync(() => collection.CountDocumentsAsync("{}", cancellationToken: token)) is null,
            TimeSpan.FromSeconds(30), "the restarted gateway to serve");
        Assert.Equal(1, await collection.CountDocumentsAsync("{}"));
    }
}
