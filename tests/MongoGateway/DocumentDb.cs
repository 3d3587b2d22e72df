using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using Npgsql;
using NpgsqlTypes;

namespace SessionStores.MongoGateway;

/// <summary>Calls the functions of the DocumentDB extension. Documents go in and come back as bytes; the extension reads and writes BSON itself.</summary>
internal sealed class DocumentDb : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;

    private DocumentDb(NpgsqlDataSource source) => _source = source;

    /// <summary>Connects, and throws when the server does not have the extension.</summary>
    public static async Task<DocumentDb> ConnectAsync(NpgsqlConnectionStringBuilder settings)
    {
        settings.MaxPoolSize = 60;
        settings.MaxAutoPrepare = 40;
        settings.AutoPrepareMinUsages = 1;
        settings.CommandTimeout = 60;
        var database = new DocumentDb(NpgsqlDataSource.Create(settings));
        await using var command = database._source.CreateCommand("SELECT documentdb_api.binary_version()");
        await command.ExecuteScalarAsync();
        return database;
    }

    /// <summary>A connection for a cursor, which can keep it.</summary>
    public async Task<NpgsqlConnection> OpenAsync() => await _source.OpenConnectionAsync();

    /// <summary>Runs a statement; returns the columns of its first row. Null for a row without any.</summary>
    public async Task<object[]> QueryAsync(string sql, BsonDocument? command, params object?[] parameters)
    {
        await using var connection = await OpenAsync();
        return await QueryAsync(connection, sql, command, parameters);
    }

    /// <inheritdoc cref="QueryAsync(string, BsonDocument?, object?[])"/>
    public static async Task<object[]> QueryAsync(NpgsqlConnection connection, string sql, BsonDocument? command, params object?[] parameters)
    {
        await using var statement = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            statement.Parameters.Add(parameter switch
            {
                string text => new NpgsqlParameter { Value = text, NpgsqlDbType = NpgsqlDbType.Text },
                long number => new NpgsqlParameter { Value = number, NpgsqlDbType = NpgsqlDbType.Bigint },
                BsonDocument document => new NpgsqlParameter { Value = document.ToBson(), NpgsqlDbType = NpgsqlDbType.Bytea },
                _ => new NpgsqlParameter { Value = parameter ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea },
            });
        }

        using var limit = new CancellationTokenSource();
        if (command is not null && command.TryGetValue("maxTimeMS", out var milliseconds) && milliseconds.ToInt64() > 0)
            limit.CancelAfter(TimeSpan.FromMilliseconds(milliseconds.ToInt64()));
        await using var reader = await statement.ExecuteReaderAsync(limit.Token);
        if (!await reader.ReadAsync(limit.Token))
            return [];
        var row = new object[reader.FieldCount];
        reader.GetValues(row);
        return row;
    }

    /// <summary>Reads a document that a function returned.</summary>
    public static BsonDocument Read(object bytes) => BsonSerializer.Deserialize<BsonDocument>((byte[])bytes);

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
