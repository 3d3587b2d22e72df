using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>A namespace of 100,000 sessions.</summary>
public sealed class ScaleTests
{
    private const int Count = 100_000;
    private const long MaxHeldBytes = 24 << 20;

    [Fact]
    public async Task Many_sessions_are_streamed_in_bounded_memory_and_counted_and_cleared_in_steps()
    {
        await using var server = await RedisServerFaults.StartAsync(maxMemory: "2gb");
        Assert.SkipWhen(server is null, "There is no Redis server here to start.");
        await using var store = new RedisStore(server!.Configuration, new RedisStoreOptions { ScanCount = 500 });
        await using var neighbour = new RedisStore(server.Configuration, new RedisStoreOptions { KeyPrefix = "sess*" });
        await neighbour.CreateAsync("a", Of("{}"));
        var content = Of($$"""{"cookie":{"originalMaxAge":null},"fill":"{{new string('x', 1000)}}"}""");
        foreach (var batch in Enumerable.Range(0, Count).Chunk(500))
            await Task.WhenAll(batch.Select(i => store.SetAsync($"id-{i:D8}", content).AsTask()));

        await server.SendAsync("CONFIG", "RESETSTAT");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var seen = new bool[Count];
        var (total, held) = (0, 0L);
        await foreach (var record in store.AllAsync())
        {
            var number = int.Parse(record.Id.AsSpan(3), System.Globalization.CultureInfo.InvariantCulture);
            Assert.False(seen[number]);
            seen[number] = true;
            if (++total % 10_000 == 0)
                held = Math.Max(held, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        Assert.Equal(Count, total);
        Assert.InRange(held, long.MinValue, MaxHeldBytes);
        Assert.Equal(Count, await store.LengthAsync());
        await store.ClearAsync();
        Assert.Equal(0, await store.LengthAsync());
        Assert.Equal(1, await neighbour.LengthAsync());

        var stats = (string)(await server.SendAsync("INFO", "commandstats"))!;
        Assert.DoesNotContain("cmdstat_keys:", stats, StringComparison.Ordinal);
        Assert.DoesNotContain("cmdstat_del:", stats, StringComparison.Ordinal);
        Assert.DoesNotContain("cmdstat_flush", stats, StringComparison.Ordinal);
        TestContext.Current.SendDiagnosticMessage($"{Count} records of about 1 kB streamed; at most {held:N0} bytes held.");
    }

    [Fact]
    public async Task One_command_voids_100_000_sessions_of_a_subject_and_no_read_that_starts_afterwards_meets_one()
    {
        await using var server = await RedisServerFaults.StartAsync(maxMemory: "2gb");
        Assert.SkipWhen(server is null, "There is no Redis server here to start.");
        await using var store = new RedisStore(server!.Configuration, new RedisStoreOptions { OperationTimeout = TimeSpan.FromSeconds(60) });
        foreach (var batch in Enumerable.Range(0, Count).Chunk(500))
            await Task.WhenAll(batch.Select(i => store.CreateAsync($"id-{i:D8}", Of("{}", "ann")).AsTask()));

        await store.CreateAsync("bob", Of("{}", "bob"));
        await store.VoidBySubjectAsync("none"); // has the script loaded
        Assert.Equal(Count + 1, await store.LengthAsync());
        await server.SendAsync("CONFIG", "RESETSTAT");

        var isVoid = false;
        var readers = Enumerable.Range(0, 4).Select(reader => Task.Run(async () =>
        {
            // Once one session is void, all are.
            var random = new Random(reader);
            var seen = (Live: 0, Void: 0);
            while (seen.Void < 1000)
            {
                var startedAfterwards = Volatile.Read(ref isVoid);
                var isLive = await store.GetAsync($"id-{random.Next(Count):D8}") is not null;
                Assert.False(isLive && (startedAfterwards || seen.Void > 0), "A session was read after it was void.");
                seen = isLive ? (seen.Live + 1, seen.Void) : (seen.Live, seen.Void + 1);
            }
        })).ToList();
        var started = TimeProvider.System.GetTimestamp();
        await store.VoidBySubjectAsync("ann");
        Volatile.Write(ref isVoid, true);
        var took = TimeProvider.System.GetElapsedTime(started);
        await Task.WhenAll(readers);

        // Of the scripts only this one reads the index.
        Assert.Contains("cmdstat_zrange:calls=1,", (string)(await server.SendAsync("INFO", "commandstats"))!, StringComparison.Ordinal);
        Assert.Equal(1, await store.LengthAsync());
        Assert.NotNull(await store.GetAsync("bob"));
        TestContext.Current.TestOutputHelper!.WriteLine($"{Count} sessions were void after {took.TotalMilliseconds:F0} ms.");
    }

    [Fact]
    public async Task A_session_is_seen_once_while_the_key_space_shrinks_and_grows()
    {
        await using var server = await RedisServerFaults.StartAsync(maxMemory: "2gb");
        Assert.SkipWhen(server is null, "There is no Redis server here to start.");
        await using var store = new RedisStore(server!.Configuration, new RedisStoreOptions { ScanCount = 100 });
        await using var crowd = new RedisStore(server.Configuration, new RedisStoreOptions { KeyPrefix = "crowd:", ScanCount = 5000 });
        var content = Of("{}");
        foreach (var batch in Enumerable.Range(0, 2000).Chunk(500))
            await Task.WhenAll(batch.Select(i => store.SetAsync($"{i}", content).AsTask()));

        for (var round = 0; round < 3; round++)
        {
            foreach (var batch in Enumerable.Range(0, 60_000).Chunk(1000))
                await Task.WhenAll(batch.Select(i => crowd.SetAsync($"{i}", content).AsTask()));

            var seen = new Dictionary<string, int>();
            var cleared = Task.CompletedTask;
            await foreach (var record in store.AllAsync())
            {
                seen[record.Id] = seen.GetValueOrDefault(record.Id) + 1;
                if (seen.Count == 300)
                    cleared = crowd.ClearAsync().AsTask();
                if (seen.Count > 300 && seen.Count % 20 == 0 && !cleared.IsCompleted)
                    await cleared;
            }

            Assert.Equal(2000, seen.Count);
            Assert.All(seen.Values, times => Assert.Equal(1, times));
        }
    }
}
