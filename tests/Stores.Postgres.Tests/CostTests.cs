using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using SessionStores.Backends;

namespace SessionStores.Postgres.Tests;

/// <summary>What an operation costs beside the driver's own call.</summary>
[Collection(nameof(Alone))]
public sealed class CostTests(PostgresServerFixture server)
{
    [Fact]
    public async Task Touches_are_hot_updates()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        for (var i = 0; i < 100; i++)
            await store.CreateAsync($"id{i}", Database.Content($$"""{"filler":"{{new string('x', 300)}}"}""", subject: $"user{i}"));

        for (var round = 1; round <= 10; round++)
        {
            for (var i = 0; i < 100; i++)
                await store.TouchAsync($"id{i}", DateTimeOffset.UtcNow.AddHours(1 + round));
        }

        string[] counts = [];
        await Wait.UntilAsync(async _ =>
        {
            counts = (await database.ScalarAsync<string>("SELECT n_tup_hot_upd || ' of ' || n_tup_upd FROM pg_stat_user_tables WHERE relname = 'session'")).Split(" of ");
            return int.Parse(counts[1], CultureInfo.InvariantCulture) == 1000;
        }, TimeSpan.FromSeconds(30), "the statistics of 1,000 touches");
        TestContext.Current.TestOutputHelper?.WriteLine($"HOT: {counts[0]} of {counts[1]} touches");
        Assert.True(int.Parse(counts[0], CultureInfo.InvariantCulture) >= 950, $"Only {counts[0]} of {counts[1]} touches were HOT updates.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_read_allocates_little_more_than_the_drivers_own_call(bool sharesRoundTrips)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store(options => options.ShareRoundTrips = sharesRoundTrips);
        await store.CreateAsync("id", Database.Content($$"""{"filler":"{{new string('x', 1000)}}"}""", subject: "user"));
        const string Sql = "SELECT sess, date_part('epoch', expire), subject FROM session WHERE sid = $1 AND expire > clock_timestamp()";

        Func<Task> driver = async () =>
        {
            await using var connection = await database.Source.OpenConnectionAsync();
            await using var command = new NpgsqlCommand(Sql, connection);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "id", NpgsqlDbType = NpgsqlDbType.Text });
            await command.PrepareAsync();
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            _ = (reader.GetFieldValue<byte[]>(0), reader.GetDouble(1), reader.GetString(2));
        };

        var least = await LeastAllocatedAsync(driver, async () => await store.GetAsync("id"));

        TestContext.Current.TestOutputHelper?.WriteLine($"bytes for one read: driver {least[0]}, store {least[1]}");

        // In a Debug build each asynchronous method is an object, also those whose objects are pooled in Release.
        Assert.True(least[1] < least[0] * 1.75, $"A read allocates {least[1]} bytes, the driver's own call {least[0]}.");
    }

    [Theory]
    [InlineData(nameof(PostgresCommands.Destroy))]
    [InlineData(nameof(PostgresCommands.DestroyBySubject))]
    public async Task A_log_out_reads_no_more_of_the_table_than_the_indexes_say(string statement)
    {
        await using var database = await server.CreateDatabaseAsync();
        await using var store = database.Store();
        await store.SetUpAsync();
        await database.ExecuteAsync("INSERT INTO session (sid, sess, expire, subject) SELECT 'id' || n, '{}', now() + interval '1 hour', 'user' || n FROM generate_series(1, 5000) AS n");
        await database.ExecuteAsync("ANALYZE session");
        var commands = new PostgresCommands("session", 0, zone: null, timeToLiveSeconds: null, hasSubject: true, hasJoined: true, hasEpochs: false, hasKeys: false, hasExpireIndex: false, SessionArguments.DefaultMaxPayloadBytes);
        var (sql, parameters) = statement == nameof(PostgresCommands.Destroy) ? (commands.Destroy, "'id7'") : (commands.DestroyBySubject, "'user7', ARRAY['id8']");

        await using var connection = await database.Source.OpenConnectionAsync();
        await using (var prepare = new NpgsqlCommand($"PREPARE logout AS {sql}", connection))
            await prepare.ExecuteNonQueryAsync();

        var plan = new StringBuilder();
        await using (var explain = new NpgsqlCommand($"EXPLAIN EXECUTE logout({parameters})", connection))
        await using (var reader = await explain.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                plan.AppendLine(reader.GetString(0));
        }

        Assert.DoesNotContain("Seq Scan on session", plan.ToString(), StringComparison.Ordinal);
        Assert.Contains("Index", plan.ToString(), StringComparison.Ordinal);
    }

    // A call allocates less when the reply is there before it is read, so that no async method has to wait: that depends on the server and the
    // load. The least of many calls is that case for each operation.
    private static async Task<long[]> LeastAllocatedAsync(params Func<Task>[] operations)
    {
        var least = Enumerable.Repeat(long.MaxValue, operations.Length).ToArray();
        for (var round = 0; round < 3000; round++)
        {
            for (var i = 0; i < operations.Length; i++)
            {
                var before = GC.GetTotalAllocatedBytes(precise: true);
                await operations[i]();
                least[i] = Math.Min(least[i], GC.GetTotalAllocatedBytes(precise: true) - before);
            }
        }

        return least;
    }
}
