using System.Text;
using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Driver;
using Npgsql;
using SessionStores.AspNetCore.Tests;
using SessionStores.Memory;
using SessionStores.Mongo;
using SessionStores.Postgres;
using SessionStores.Redis;
using StackExchange.Redis;
using Record = SessionStores.AspNetCore.IntegrationTests.Records.RandomRecordsTests.Record;

namespace SessionStores.AspNetCore.IntegrationTests.Records;

/// <summary>Puts bytes into a server past the store, many at once.</summary>
internal abstract class RecordPlanter(ISessionStore store) : IAsyncDisposable
{
    protected static readonly TimeSpan Life = TimeSpan.FromHours(1);

    /// <summary>The store that reads them.</summary>
    public ISessionStore Store => store;

    public static async Task<RecordPlanter> OpenAsync(string provider, string? connection) => provider switch
    {
        "Redis" => new RedisPlanter(await ConnectionMultiplexer.ConnectAsync(connection!)),
        "Postgres" => await PostgresPlanter.OpenAsync(connection!),
        "Mongo" => new MongoPlanter(connection!),
        _ => new MemoryPlanter(),
    };

    /// <summary>Returns the records that the server has taken: some take only JSON.</summary>
    public abstract Task<IReadOnlyList<Record>> PlantAsync(IReadOnlyList<Record> records);

    public virtual ValueTask DisposeAsync() => store.CloseAsync();

    private sealed class MemoryPlanter() : RecordPlanter(new PlantingStore(new MemoryStore(), TimeProvider.System))
    {
        public override Task<IReadOnlyList<Record>> PlantAsync(IReadOnlyList<Record> records)
        {
            foreach (var record in records)
                ((PlantingStore)Store).Plant(record.Id, record.Payload, record.Subject);

            return Task.FromResult(records);
        }
    }

    /// <summary>The subject is a member of the record, which a mutation may have doubled.</summary>
    private sealed class RedisPlanter(ConnectionMultiplexer redis) : RecordPlanter(new RedisStore(redis))
    {
        public override async Task<IReadOnlyList<Record>> PlantAsync(IReadOnlyList<Record> records)
        {
            var database = redis.GetDatabase();
            await Task.WhenAll(records.Select(record => database.StringSetAsync("sess:" + record.Id, WithSubject(record), Life)));
            return records;
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await redis.DisposeAsync();
        }

        private static byte[] WithSubject(Record record) => record.Subject is { } subject && record.Payload is [.. var start, (byte)'}']
            ? [.. start, .. Encoding.UTF8.GetBytes($",\"__subject\":{JsonSerializer.Serialize(subject)}"), (byte)'}']
            : record.Payload;
    }

    /// <summary>The column takes only JSON: a record of other bytes is left out.</summary>
    private sealed class PostgresPlanter(NpgsqlDataSource source, PostgresStore store) : RecordPlanter(store)
    {
        public static async Task<RecordPlanter> OpenAsync(string connection)
        {
            var source = NpgsqlDataSource.Create(connection);
            var store = new PostgresStore(source);
            await store.SetUpAsync();
            await using var command = source.CreateCommand("""
                CREATE FUNCTION plant(id text, payload bytea, owner text) RETURNS boolean LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO session (sid, sess, expire, subject) VALUES (id, convert_from(payload, 'UTF8')::json, now() + interval '1 hour', owner);
                    RETURN true;
                EXCEPTION WHEN data_exception OR program_limit_exceeded OR statement_too_complex OR character_not_in_repertoire THEN
                    RETURN false;
                END $$
                """);
            await command.ExecuteNonQueryAsync();
            return new PostgresPlanter(source, store);
        }

        public override async Task<IReadOnlyList<Record>> PlantAsync(IReadOnlyList<Record> grown)
        {
            var records = grown.Where(record => IsJson(record.Payload)).ToList();
            await using var command = source.CreateCommand("SELECT plant(id, payload, owner) FROM unnest($1, $2, $3) WITH ORDINALITY AS record (id, payload, owner, place) ORDER BY place");
            command.Parameters.Add(new NpgsqlParameter { Value = records.Select(record => record.Id).ToArray() });
            command.Parameters.Add(new NpgsqlParameter { Value = records.Select(record => record.Payload).ToArray() });
            command.Parameters.Add(new NpgsqlParameter { Value = records.Select(record => record.Subject == "\ud800" ? "\u0007" : record.Subject).ToArray() });
            var taken = new List<Record>();
            await using var reader = await command.ExecuteReaderAsync();
            for (var place = 0; await reader.ReadAsync(); place++)
            {
                if (reader.GetBoolean(0))
                    taken.Add(records[place]);
            }

            return taken;
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await source.DisposeAsync();
        }

        /// <summary>Leaves most of what the server would refuse out before it is sent.</summary>
        private static bool IsJson(byte[] payload)
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 10_000 });
            try
            {
                while (reader.Read())
                {
                }

                return true;
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }

    /// <summary>Text where the bytes are text, a document where they are an object that BSON can hold, binary otherwise.</summary>
    private sealed class MongoPlanter(string connection) : RecordPlanter(new MongoStore(connection))
    {
        private readonly MongoClient _client = new(connection);

        public override async Task<IReadOnlyList<Record>> PlantAsync(IReadOnlyList<Record> records)
        {
            var sessions = _client.GetDatabase(new MongoUrl(connection).DatabaseName).GetCollection<BsonDocument>("sessions");
            try
            {
                await sessions.InsertManyAsync(records.Select(DocumentOf), new InsertManyOptions { IsOrdered = false });
                return records;
            }
            catch (MongoBulkWriteException<BsonDocument> failure)
            {
                // Such as a document that is nested too deep for the server.
                var refused = failure.WriteErrors.Select(error => error.Index).ToHashSet();
                return [.. records.Where((_, place) => !refused.Contains(place))];
            }
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _client.Dispose();
        }

        private static BsonDocument DocumentOf(Record record) => new()
        {
            { "_id", record.Id },
            { "session", ValueOf(record) },
            { "expires", DateTime.UtcNow + Life },
            { "subject", record.Subject is null or "\ud800" ? BsonNull.Value : record.Subject },
        };

        private static BsonValue ValueOf(Record record)
        {
            try
            {
                var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(record.Payload);
                if (record.Payload.Length % 2 == 1 || !BsonDocument.TryParse(text, out var document))
                    return text;

                document.ToBson();
                return document;
            }
            catch (Exception failure) when (failure is ArgumentException or BsonSerializationException or FormatException)
            {
                return record.Payload;
            }
        }
    }
}
