using MongoDB.Bson;

namespace SessionStores.MongoGateway;

/// <summary>
/// Creates and drops indexes. DocumentDB builds the indexes of an existing collection in the background: a request is queued, a job of pg_cron
/// takes it up, and the gateway waits for it as a MongoDB server waits. It does the work of that job itself, since the job runs at long intervals.
/// </summary>
internal sealed class Indexes(DocumentDb database)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs <c>createIndexes</c>; returns when the indexes are built.</summary>
    public async Task<byte[]> CreateAsync(string name, BsonDocument command)
    {
        var row = await database.QueryAsync(
            "SELECT retval::bytea, ok, requests::bytea FROM documentdb_api.create_indexes_background($1, $2::bytea::documentdb_core.bson)", command, name, command);
        var result = (byte[])row[0];
        if (row[1] is not true)
            throw Failure(result);
        if (row[2] is not byte[] { Length: > 5 } requests)
            return Result(result);

        while (true)
        {
            await database.QueryAsync("CALL documentdb_api_internal.build_index_concurrently(1)", command);
            var status = await database.QueryAsync(
                "SELECT retval::bytea, ok, complete FROM documentdb_api_internal.check_build_index_status($1::bytea::documentdb_core.bson)", command, requests);
            if (status[1] is not true)
                throw Failure((byte[])status[0]);
            if (status[2] is true)
                return Result(result);
            await Task.Delay(PollInterval);
        }
    }

    /// <summary>Runs <c>dropIndexes</c>.</summary>
    public async Task<byte[]> DropAsync(string name, BsonDocument command)
    {
        // The procedure documentdb_api.drop_indexes returns its result as text only; this function does the same work.
        var row = await database.QueryAsync(
            "SELECT documentdb_api_internal.drop_indexes_non_concurrently($1, $2::bytea::documentdb_core.bson)::bytea", command, name, command);
        var result = DocumentDb.Read(row[0]);
        return result["ok"].ToBoolean() ? Result((byte[])row[0]) : throw Failure((byte[])row[0]);
    }

    // { raw: { defaultShard: { ok, code, errmsg } }, ok }
    private static BsonDocument Shard(byte[] result) =>
        DocumentDb.Read(result).TryGetValue("raw", out var raw) ? raw.AsBsonDocument[0].AsBsonDocument : DocumentDb.Read(result);

    private static byte[] Result(byte[] result)
    {
        var document = new BsonDocument(Shard(result)) { ["ok"] = 1.0 };
        return document.ToBson();
    }

    private static CommandException Failure(byte[] result)
    {
        var shard = Shard(result);
        return new CommandException(ErrorCodes.OfPacked(shard.GetValue("code", 0).ToInt32()), shard.GetValue("errmsg", "the index could not be created").AsString);
    }
}
