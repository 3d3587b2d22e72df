using MongoDB.Bson;
using MongoDB.Driver;
using Npgsql;

namespace SessionStores.AspNetCore.IntegrationTests.Costs;

/// <summary>Multiplies sessions that a store has written, by the bulk commands of its server: a million calls of the store would take most of an hour there.</summary>
internal static class BulkFill
{
    private const int Batch = 2000;

    /// <summary>Copies one row under other ids and subjects.</summary>
    /// <param name="connection">The connection string.</param>
    /// <param name="from">The number of the first session.</param>
    /// <param name="to">The number after that of the last one.</param>
    /// <param name="perUser">How many sessions of a user follow each other.</param>
    public static async Task PostgresAsync(string connection, int from, int to, int perUser)
    {
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { CommandTimeout = 0 });
        await using var copy = database.CreateCommand(
            """
            INSERT INTO session (sid, sess, expire, subject)
            SELECT 'copy' || n, one.sess, one.expire, 'user' || n / $3 FROM generate_series($1, $2 - 1) AS n, (SELECT sess, expire FROM session LIMIT 1) AS one
            """);
        copy.Parameters.Add(new() { Value = from });
        copy.Parameters.Add(new() { Value = to });
        copy.Parameters.Add(new() { Value = perUser });
        await copy.ExecuteNonQueryAsync();
        await using var analyze = database.CreateCommand("ANALYZE session");
        await analyze.ExecuteNonQueryAsync();
    }

    /// <inheritdoc cref="PostgresAsync"/>
    public static async Task MongoAsync(string connection, int from, int to, int perUser)
    {
        var url = new MongoUrl(connection);
        using var client = new MongoClient(url);
        var collection = client.GetDatabase(url.DatabaseName).GetCollection<BsonDocument>("sessions");
        var one = await collection.Find(FilterDefinition<BsonDocument>.Empty).FirstAsync();
        await Parallel.ForEachAsync(Enumerable.Range(from, to - from).Chunk(Batch), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (numbers, token) =>
            await collection.InsertManyAsync(
                numbers.Select(number => new BsonDocument(one) { ["_id"] = FormattableString.Invariant($"copy{number}"), ["subject"] = FormattableString.Invariant($"user{number / perUser}") }),
                new InsertManyOptions { IsOrdered = false }, token));
    }
}
