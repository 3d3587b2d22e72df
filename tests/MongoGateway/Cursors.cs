using System.Collections.Concurrent;
using MongoDB.Bson;
using Npgsql;

namespace SessionStores.MongoGateway;

/// <summary>The open cursors. Any connection of a driver can continue a cursor, as with a MongoDB server.</summary>
internal sealed class Cursors(DocumentDb database)
{
    private const string GetMore =
        "SELECT cursorpage::bytea, continuation::bytea FROM documentdb_api.cursor_get_more($1, $2::bytea::documentdb_core.bson, $3::bytea::documentdb_core.bson)";

    private readonly ConcurrentDictionary<long, Cursor> _cursors = new();

    /// <summary>Runs a command that returns a first batch, and keeps what the next batches need.</summary>
    /// <param name="function">A function of DocumentDB whose name ends in <c>_cursor_first_page</c>.</param>
    /// <param name="name">The database.</param>
    /// <param name="command">The command.</param>
    public async Task<byte[]> StartAsync(string function, string name, BsonDocument command)
    {
        var connection = await database.OpenAsync();
        var kept = false;
        try
        {
            var sql = $"SELECT cursorpage::bytea, continuation::bytea, persistconnection, cursorid FROM documentdb_api.{function}($1, $2::bytea::documentdb_core.bson)";
            var row = await DocumentDb.QueryAsync(connection, sql, command, name, command);
            if (row[1] is byte[] continuation)
            {
                // Some plans keep a portal of the PostgreSQL session open, which only that session can read on.
                kept = row[2] is true;
                _cursors[(long)row[3]] = new Cursor(name, continuation, kept ? connection : null);
            }

            return (byte[])row[0];
        }
        finally
        {
            if (!kept)
                await connection.DisposeAsync();
        }
    }

    /// <summary>Runs <c>getMore</c>.</summary>
    public async Task<byte[]> ContinueAsync(BsonDocument command)
    {
        var id = command[0].ToInt64();
        if (!_cursors.TryRemove(id, out var cursor))
            throw new CommandException(ErrorCodes.CursorNotFound, $"cursor id {id} not found");
        var connection = cursor.Connection ?? await database.OpenAsync();
        var kept = false;
        try
        {
            var row = await DocumentDb.QueryAsync(connection, GetMore, command, cursor.Database, command, cursor.Continuation);
            if (row[1] is byte[] continuation)
            {
                kept = cursor.Connection is not null;
                _cursors[id] = cursor with { Continuation = continuation };
            }

            return (byte[])row[0];
        }
        finally
        {
            if (!kept)
                await connection.DisposeAsync();
        }
    }

    /// <summary>Runs <c>killCursors</c>.</summary>
    public async Task<byte[]> KillAsync(BsonDocument command)
    {
        var killed = new BsonArray();
        var missing = new BsonArray();
        foreach (var id in command["cursors"].AsBsonArray)
        {
            var found = _cursors.TryRemove(id.ToInt64(), out var cursor);
            (found ? killed : missing).Add(id);
            if (cursor?.Connection is { } connection)
                await connection.DisposeAsync();
        }

        return new BsonDocument
        {
            { "cursorsKilled", killed }, { "cursorsNotFound", missing }, { "cursorsAlive", new BsonArray() }, { "cursorsUnknown", new BsonArray() }, { "ok", 1.0 },
        }.ToBson();
    }

    private sealed record Cursor(string Database, byte[] Continuation, NpgsqlConnection? Connection);
}
