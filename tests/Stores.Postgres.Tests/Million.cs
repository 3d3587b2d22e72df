using System.Diagnostics;
using System.Globalization;
using SessionStores.Backends;

namespace SessionStores.Postgres.Tests;

/// <summary>A table of 1,000,000 sessions. It compares durations, which needs an idle machine and minutes: run it with <c>--explicit only</c>.</summary>
[Collection(nameof(Alone))]
public sealed class Million
{
    [Fact(Explicit = true)]
    public async Task A_million_sessions_cost_a_read_nothing_and_pruning_leaves_readers_alone()
    {
        var lease = await PostgresBackend.StartAsync(new PostgresBackendOptions { Durable = false, Settings = ["shared_buffers=512MB"] });
        Assert.SkipUnless(lease.IsAvailable, lease.Reason);
        await using var backend = lease.Backend;
        await using var database = new Database(await backend.CreateDatabaseAsync());
        await using var store = database.Store();
        await using var small = database.Store(options => options.Table = "small");
        await store.SetUpAsync();
        await small.SetUpAsync();
        await FillAsync(database, "small", 1, 1000, "live", TimeSpan.FromHours(5));
        await FillAsync(database, "session", 1, 1_000_000, "live", TimeSpan.FromHours(5));

        // In turns, and the best of each, so that a busy moment of the machine is not taken for the size of a table.
        var (few, many) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < 6; round++)
        {
            few = Math.Min(few, await MedianReadAsync(small, 1000));
            many = Math.Min(many, await MedianReadAsync(store, 1_000_000));
        }

        Write($"read with 1,000 rows {few:F1} us, with 1,000,000 rows {many:F1} us, ratio {many / few:F2}");

        await FillAsync(database, "session", 1_000_001, 1_100_000, "dead", TimeSpan.FromHours(-1));
        await database.ExecuteAsync("CHECKPOINT");
        var idle = await ReadersAsync(store, () => Task.Delay(TimeSpan.FromSeconds(8)));
        var pruned = 0L;
        var watch = new Stopwatch();
        var busy = await ReadersAsync(store, async () =>
        {
            watch.Start();
            pruned = await store.PruneAsync();
            watch.Stop();
        });
        Write($"pruned {pruned:N0} rows in {watch.Elapsed.TotalSeconds:F1} s; p99 of reads idle {idle:F0} us, meanwhile {busy:F0} us, ratio {busy / idle:F2}");

        Assert.Equal(100_000, pruned);
        Assert.True(many < few * 1.5, $"A read takes {many:F1} us with 1,000,000 rows, but {few:F1} us with 1,000.");
        Assert.True(busy < idle * 2, $"The p99 of reads is {busy:F0} us while pruning, but {idle:F0} us idle.");
    }

    private static async Task FillAsync(Database database, string table, int first, int last, string kind, TimeSpan life)
    {
        await using var command = database.Source.CreateCommand(
            $$"""
            INSERT INTO {{table}} (sid, sess, expire, subject)
            SELECT $3::text || n, ('{"cookie":{"originalMaxAge":86400000,"httpOnly":true,"path":"/"},"filler":"' || repeat('x', 300) || '"}')::json,
              now() + $4::interval, 'user' || n
            FROM generate_series($1::int, $2::int) AS n
            """);
        command.CommandTimeout = 600;
        foreach (var value in new object[] { first, last, kind, life })
            command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = value });

        await command.ExecuteNonQueryAsync();
        await database.ExecuteAsync($"VACUUM ANALYZE {table}");
    }

    private static async Task<double> MedianReadAsync(PostgresStore store, int rows)
    {
        var times = new List<double>();
        for (var i = 0; i < 3000; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Assert.NotNull(await store.GetAsync(Id(i, rows)));
            if (i >= 500)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return Percentile(times, 50);
    }

    /// <summary>The p99 of two readers while something else goes on.</summary>
    private static async Task<double> ReadersAsync(PostgresStore store, Func<Task> meanwhile)
    {
        var done = false;
        var readers = Enumerable.Range(0, 2).Select(reader => Task.Run(async () =>
        {
            var times = new List<double>();
            for (var i = reader * 7919; !Volatile.Read(ref done); i++)
            {
                var start = Stopwatch.GetTimestamp();
                await store.GetAsync(Id(i, 1_000_000));
                times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }

            return times;
        })).ToArray();
        await meanwhile();
        Volatile.Write(ref done, true);
        return Percentile([.. (await Task.WhenAll(readers)).SelectMany(times => times)], 99);
    }

    private static string Id(int i, int rows) => string.Create(CultureInfo.InvariantCulture, $"live{(int)(i * 2_654_435_761L % rows) + 1}");

    private static double Percentile(List<double> values, int percent)
    {
        values.Sort();
        return values[values.Count * percent / 100];
    }

    private static void Write(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
