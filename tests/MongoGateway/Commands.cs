using MongoDB.Bson;

namespace SessionStores.MongoGateway;

/// <summary>Runs the commands of drivers: those about the server itself here, all others on DocumentDB.</summary>
internal sealed class Commands(DocumentDb database)
{
    private static readonly byte[] Ok = new BsonDocument("ok", 1.0).ToBson();
    private readonly Cursors _cursors = new(database);
    private readonly Indexes _indexes = new(database);
    private int _connections;
    private long _commands;

    /// <summary>Returns the reply of a command.</summary>
    /// <exception cref="CommandException">The gateway does not know it, or refuses it.</exception>
    public async Task<byte[]> RunAsync(Message message)
    {
        Interlocked.Increment(ref _commands);
        var command = message.Command;
        var name = command.GetElement(0).Name;
        var databaseName = command.GetValue("$db", "admin").AsString;
        RefuseTransactions(command);
        foreach (var field in (ReadOnlySpan<string>)["$db", "lsid", "$clusterTime", "$readPreference", "readConcern", "writeConcern", "comment"])
            command.Remove(field);
        return name switch
        {
            "hello" or "isMaster" or "ismaster" => Hello(),
            "buildInfo" or "buildinfo" => await BuildInfoAsync(),
            "ping" or "endSessions" => Ok,
            "serverStatus" => new BsonDocument { { "opcounters", new BsonDocument("command", Interlocked.Read(ref _commands)) }, { "ok", 1.0 } }.ToBson(),
            "insert" => await WriteAsync("insert", databaseName, message),
            "update" => await WriteAsync("update", databaseName, message),
            "delete" => await WriteAsync("delete", databaseName, message),
            "findAndModify" or "findandmodify" => await FunctionAsync("(documentdb_api.find_and_modify($1, $2::bytea::documentdb_core.bson)).p_result", databaseName, command),
            "count" => await FunctionAsync("documentdb_api.count_query($1, $2::bytea::documentdb_core.bson)", databaseName, command),
            "distinct" => await FunctionAsync("documentdb_api.distinct_query($1, $2::bytea::documentdb_core.bson)", databaseName, command),
            "create" => await FunctionAsync("documentdb_api.create_collection_view($1, $2::bytea::documentdb_core.bson)", databaseName, command),
            "listDatabases" => await ListDatabasesAsync(command),
            "find" => await _cursors.StartAsync("find_cursor_first_page", databaseName, command),
            "aggregate" => await _cursors.StartAsync("aggregate_cursor_first_page", databaseName, command),
            "listCollections" => await _cursors.StartAsync("list_collections_cursor_first_page", databaseName, command),
            "listIndexes" => await _cursors.StartAsync("list_indexes_cursor_first_page", databaseName, command),
            "getMore" => await _cursors.ContinueAsync(command),
            "killCursors" => await _cursors.KillAsync(command),
            "createIndexes" => await _indexes.CreateAsync(databaseName, command),
            "dropIndexes" => await _indexes.DropAsync(databaseName, command),
            "drop" => await DropAsync("SELECT documentdb_api.drop_collection($1, $2)", command, databaseName, command[0].AsString),
            "dropDatabase" => await DropAsync("SELECT documentdb_api.drop_database($1)", command, databaseName),
            _ => throw new CommandException(ErrorCodes.CommandNotFound, $"no such command: '{name}'"),
        };
    }

    // A standalone server. Sessions are accepted, and have no effect; the version is that of the protocol and commands that are offered.
    private byte[] Hello() => new BsonDocument
    {
        { "helloOk", true },
        { "ismaster", true },
        { "isWritablePrimary", true },
        { "maxBsonObjectSize", 16 * 1024 * 1024 },
        { "maxMessageSizeBytes", 48_000_000 },
        { "maxWriteBatchSize", 100_000 },
        { "localTime", DateTime.UtcNow },
        { "logicalSessionTimeoutMinutes", 30 },
        { "connectionId", Interlocked.Increment(ref _connections) },
        { "minWireVersion", 0 },
        { "maxWireVersion", 21 },
        { "readOnly", false },
        { "ok", 1.0 },
    }.ToBson();

    private async Task<byte[]> BuildInfoAsync()
    {
        var row = await database.QueryAsync("SELECT documentdb_api.binary_version(), current_setting('server_version')", null);
        return new BsonDocument
        {
            { "version", "7.0.0" },
            { "versionArray", new BsonArray { 7, 0, 0, 0 } },
            { "documentDbVersion", (string)row[0] },
            { "postgresVersion", (string)row[1] },
            { "maxBsonObjectSize", 16 * 1024 * 1024 },
            { "ok", 1.0 },
        }.ToBson();
    }

    private static void RefuseTransactions(BsonDocument command)
    {
        if (command.Contains("txnNumber") || command.Contains("startTransaction") || command.GetElement(0).Name is "commitTransaction" or "abortTransaction")
            throw new CommandException(ErrorCodes.IllegalOperation, "Transaction numbers are only allowed on a replica set member or mongos");
    }

    private async Task<byte[]> WriteAsync(string function, string name, Message message)
    {
        var sql = $"SELECT p_result::bytea FROM documentdb_api.{function}($1, $2::bytea::documentdb_core.bson, $3::bytea::documentdb_core.bsonsequence)";
        var row = await database.QueryAsync(sql, message.Command, name, message.Command, message.Documents);
        var result = DocumentDb.Read(row[0]);
        if (!result.TryGetValue("writeErrors", out var errors))
            return (byte[])row[0];
        foreach (var error in errors.AsBsonArray)
            error["code"] = ErrorCodes.OfPacked(error["code"].ToInt32());
        return result.ToBson();
    }

    private async Task<byte[]> FunctionAsync(string call, string name, BsonDocument command) =>
        (byte[])(await database.QueryAsync($"SELECT {call}::bytea", command, name, command))[0];

    private async Task<byte[]> ListDatabasesAsync(BsonDocument command) =>
        (byte[])(await database.QueryAsync("SELECT documentdb_api.list_databases($1::bytea::documentdb_core.bson)::bytea", command, command))[0];

    // What is not there counts as dropped, as with MongoDB 7.
    private async Task<byte[]> DropAsync(string sql, BsonDocument command, params object?[] parameters)
    {
        await database.QueryAsync(sql, command, parameters);
        return Ok;
    }
}
