using System.Globalization;
using SessionStores.Conformance;
using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>Reads and changes that share a script.</summary>
public sealed class SharingTests(RedisFixture fixture)
{
    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(256)]
    public async Task Reads_that_wait_at_the_same_time_take_less_than_a_round_trip_each(int callers)
    {
        await using var server = await RedisServerFaults.StartAsync();
        Assert.SkipWhen(server is null, "There is no Redis server here to start.");
        await using var store = new RedisStore(server.Configuration);
        for (var i = 0; i < 8; i++)
            await store.SetAsync($"id{i}", Of($"{{\"n\":{i}}}"));

        const int Rounds = 5;
        await server.SendAsync("CONFIG", "RESETSTAT");
        await Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
                Assert.Equal($"{{\"n\":{i % 8}}}", TextOf(await store.GetAsync($"id{i % 8}")));
        })));

        // Both a read by itself and a shared one ask for one remaining life.
        var perRead = await CallsAsync(server, "pttl") / (double)(callers * Rounds);
        Assert.Equal(callers * Rounds, await CallsAsync(server, "getrange"));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{callers} callers: {perRead:F2} round trips for a read"));
        switch (callers)
        {
            case 1:
                Assert.Equal(1, perRead);
                Assert.Equal(0, await CallsAsync(server, "evalsha")); // as without sharing
                break;
            case 32:
                Assert.InRange(perRead, 0, 0.75);
                break;
            default:
                Assert.InRange(perRead, 0, 0.25);
                break;
        }
    }

    [Fact]
    public async Task Each_caller_gets_its_own_session_or_its_own_fault()
    {
        var prefix = "";
        await using var store = await SharingAsync(options => prefix = options.KeyPrefix);
        for (var i = 0; i < 8; i++)
            await store.SetAsync($"id{i}", i == 6 ? new SessionContent("""{"n":6}"""u8.ToArray(), SessionLifetime.Never, "ann") : Of($"{{\"n\":{i}}}", $"user {i}"));

        var database = (await fixture.ConnectionAsync()).GetDatabase();
        await database.HashSetAsync(prefix + "hash", "data", "x");
        await database.StringSetAsync(prefix + "text", "not json");
        await store.DestroyAsync("id5");

        var reads = Enumerable.Range(0, 40).Select(i => (Number: i % 8, Read: store.GetAsync($"id{i % 8}").AsTask())).ToList();
        var unreadable = new[] { "hash", "text", "hash" }.Select(id => store.GetAsync(id).AsTask()).ToList();

        foreach (var (number, read) in reads)
        {
            var shared = await read;
            var alone = await AloneAsync(prefix, $"id{number}");
            Assert.Equal(number == 5, shared is null);
            if (shared is null)
                continue;

            Assert.Equal($"{{\"n\":{number}}}", TextOf(shared));
            Assert.Equal((alone!.Id, alone.Subject, alone.ExpiresAt, alone.Version), (shared.Id, shared.Subject, shared.ExpiresAt, shared.Version));
            Assert.Equal(alone.Remaining is null, shared.Remaining is null);
            Assert.True(shared.Remaining is null || shared.Remaining >= alone.Remaining, $"{shared.Remaining} is less than {alone.Remaining}, which was read later.");
        }

        var faults = new List<SessionStoreException>();
        foreach (var read in unreadable)
            faults.Add(await Assert.ThrowsAsync<SessionStoreException>(() => read));

        Assert.All(faults, fault => Assert.Equal(SessionStoreFault.Unreadable, fault.Fault));
        Assert.NotSame(faults[0], faults[2]);
    }

    [Fact]
    public async Task A_read_that_is_cancelled_ends_no_other()
    {
        await using var store = await SharingAsync();
        await store.SetAsync("id", Of("{}"));
        using var source = new CancellationTokenSource();
        var others = Enumerable.Range(0, 20).Select(_ => store.GetAsync("id").AsTask()).ToList();
        var cancelled = Enumerable.Range(0, 20).Select(_ => store.GetAsync("id", null, source.Token).AsTask()).ToList();
        others.AddRange(Enumerable.Range(0, 20).Select(_ => store.GetAsync("id").AsTask()));

        await source.CancelAsync();

        Assert.All(await Task.WhenAll(others), Assert.NotNull);
        foreach (var read in cancelled)
            Assert.True(await Record.ExceptionAsync(() => read) is null or OperationCanceledException);
    }

    [Fact]
    public async Task A_read_that_is_cancelled_while_its_round_trip_is_under_way_ends_by_itself()
    {
        await using var server = await RedisServerFaults.StartAsync();
        Assert.SkipWhen(server is null, "There is no Redis server here to start.");
        await using var store = new RedisStore(server.Configuration, new RedisStoreOptions { SharesAlways = true, OperationTimeout = TimeSpan.FromMinutes(2) });
        await store.SetAsync("id", Of("{}"));
        Assert.NotNull(await store.GetAsync("id"));
        using var source = new CancellationTokenSource();

        await server.BeginAsync(ServerFault.Hanging);
        var reads = Enumerable.Range(0, 30).Select(i => store.GetAsync("id", null, i % 3 == 1 ? source.Token : CancellationToken.None).AsTask()).ToList();
        await source.CancelAsync();
        foreach (var cancelled in reads.Where((_, i) => i % 3 == 1))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(TimeSpan.FromMinutes(1)));

        var others = reads.Where((_, i) => i % 3 != 1).ToList();
        Assert.All(others, read => Assert.False(read.IsCompleted));
        await server.EndAsync(ServerFault.Hanging);
        Assert.All(await Task.WhenAll(others), Assert.NotNull);
    }

    [Fact]
    public async Task A_slide_that_is_due_is_kept()
    {
        await using var store = await SharingAsync();
        await store.SetAsync("id", Of("{}"));
        var later = InAnHour.AddHours(1);

        var record = await store.GetAsync("id", new SlidingExpiry(TimeSpan.FromMinutes(90), later));

        Assert.Equal(later, record!.ExpiresAt);
        Assert.Equal(later, (await store.GetAsync("id"))!.ExpiresAt);
    }

    [Fact]
    public async Task A_round_trip_that_lost_its_connection_is_not_the_end_of_its_reads()
    {
        await using var server = await RedisServerFaults.StartAsync();
        Assert.SkipWhen(server is null, "There is no Redis server here to start.");
        await using var store = new RedisStore(server.Configuration, new RedisStoreOptions { SharesAlways = true, OperationTimeout = TimeSpan.FromMinutes(2) });
        await store.SetAsync("id", Of("{}"));
        Assert.NotNull(await store.GetAsync("id"));

        await server.BeginAsync(ServerFault.Hanging);
        var reads = Enumerable.Range(0, 20).Select(_ => store.GetAsync("id").AsTask()).ToList();
        await server.BeginAsync(ServerFault.Disconnected);
        await server.EndAsync(ServerFault.Hanging);

        Assert.All(await Task.WhenAll(reads), Assert.NotNull);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(256)]
    public async Task Changes_that_wait_at_the_same_time_take_less_than_a_round_trip_each(int callers)
    {
        await using var server = await RedisServerFaults.StartAsync();
        Assert.SkipWhen(server is null, "There is no Redis server here to start.");
        await using var store = new RedisStore(server.Configuration);
        var versions = new SessionVersion[callers];
        for (var i = 0; i < callers; i++)
            versions[i] = (await store.CreateAsync($"id{i}", Of("{}"))).Version;

        // The first change finds out whether the server can compare and set, which takes one command and is not shared.
        versions[0] = (await store.ReplaceAsync("id0", versions[0], Of("{}"))).Version;
        const int Rounds = 5;
        await server.SendAsync("CONFIG", "RESETSTAT");
        await Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var result = await store.ReplaceAsync($"id{i}", versions[i], Of($"{{\"n\":{round}}}"));
                Assert.Equal(SessionWriteStatus.Written, result.Status);
                versions[i] = result.Version;
            }
        })));

        var scripts = await CallsAsync(server, "evalsha");
        Assert.SkipWhen(scripts == 0, "The server can compare and set.");
        var perChange = scripts / (double)(callers * Rounds);
        Assert.Equal(callers * Rounds, await CallsAsync(server, "set"));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{callers} callers: {perChange:F2} round trips for a change"));
        Assert.InRange(perChange, callers == 1 ? 1 : 0, callers switch { 1 => 1, 32 => 0.75, _ => 0.25 });
        for (var i = 0; i < callers; i++)
            Assert.Equal(versions[i], (await store.GetAsync($"id{i}"))!.Version);
    }

    [Fact]
    public async Task Each_caller_gets_the_result_of_its_own_change()
    {
        var prefix = "";
        await using var store = await SharingAsync(options => prefix = options.KeyPrefix);
        var versions = new SessionVersion[8];
        for (var i = 0; i < versions.Length; i++)
            versions[i] = (await store.CreateAsync($"id{i}", Of($"{{\"n\":{i}}}"))).Version;

        versions[0] = (await store.ReplaceAsync("id0", versions[0], Of("{}"))).Version;
        await store.SetAsync("id2", Of("{\"other\":2}"));
        await store.DestroyAsync("id3");
        var database = (await fixture.ConnectionAsync()).GetDatabase();
        await database.KeyDeleteAsync(prefix + "id4");
        await database.HashSetAsync(prefix + "id4", "data", "x");

        var changes = versions.Select((version, i) => (Number: i, Change: store.ReplaceAsync($"id{i}", version, Of($"{{\"changed\":{i}}}")).AsTask())).ToList();

        foreach (var (number, change) in changes.Where(change => change.Number != 4))
        {
            var expected = number switch { 2 => SessionWriteStatus.Conflict, 3 => SessionWriteStatus.Gone, _ => SessionWriteStatus.Written };
            var result = await change;
            Assert.Equal((number, expected), (number, result.Status));
            var stored = await store.GetAsync($"id{number}");
            Assert.Equal(number switch { 2 => "{\"other\":2}", 3 => null, _ => $"{{\"changed\":{number}}}" }, stored is null ? null : TextOf(stored));
            if (expected == SessionWriteStatus.Written)
                Assert.Equal(stored!.Version, result.Version);
        }

        Assert.Equal(SessionStoreFault.Unreadable, (await Assert.ThrowsAsync<SessionStoreException>(() => changes[4].Change)).Fault);
    }

    [Theory]
    [InlineData("never")]
    [InlineData("idle")]
    [InlineData("end")]
    [InlineData("both")]
    [InlineData("end first")]
    public async Task A_shared_change_sets_the_expiry_that_one_by_itself_sets(string life)
    {
        await using var store = await SharingAsync();
        var (idle, end) = (TimeSpan.FromMinutes(30), DateTimeOffset.UtcNow.AddHours(2));
        var lifetime = life switch
        {
            "never" => SessionLifetime.Never,
            "idle" => idle,
            "end" => end,
            "both" => new SessionLifetime(idle, end),
            _ => new SessionLifetime(3 * TimeSpan.FromHours(1), end),
        };
        var before = DateTimeOffset.UtcNow.AddMinutes(-1);
        var version = (await store.CreateAsync("id", Of("{}"))).Version;
        version = (await store.ReplaceAsync("id", version, Of("{\"n\":1}"))).Version;

        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("id", version, new SessionContent("{\"n\":2}"u8.ToArray(), lifetime))).Status);

        var expiresAt = (await store.GetAsync("id"))!.ExpiresAt;
        Assert.InRange(expiresAt, lifetime.ExpiryAt(before), life is "idle" or "both" ? DateTimeOffset.UtcNow.AddMinutes(31) : lifetime.ExpiryAt(before));
    }

    [Fact]
    public async Task Of_two_changes_of_one_session_one_wins()
    {
        await using var store = await SharingAsync();
        for (var round = 0; round < 20; round++)
        {
            var version = (await store.CreateAsync($"id{round}", Of("{}"))).Version;

            var changes = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => store.ReplaceAsync($"id{round}", version, Of($"{{\"n\":{i}}}")).AsTask()));

            Assert.Single(changes, change => change.Status == SessionWriteStatus.Written);
            Assert.Equal(3, changes.Count(change => change.Status == SessionWriteStatus.Conflict));
        }
    }

    [Fact]
    public async Task A_shared_change_that_lost_its_connection_is_not_sent_again()
    {
        await using var server = await RedisServerFaults.StartAsync();
        Assert.SkipWhen(server is null, "There is no Redis server here to start.");
        await using var store = new RedisStore(server.Configuration, new RedisStoreOptions { SharesAlways = true, OperationTimeout = TimeSpan.FromMinutes(2) });
        var versions = new SessionVersion[20];
        for (var i = 0; i < versions.Length; i++)
            versions[i] = (await store.CreateAsync($"id{i}", Of("{}"))).Version;

        versions[0] = (await store.ReplaceAsync("id0", versions[0], Of("{}"))).Version;
        await server.BeginAsync(ServerFault.Hanging);
        var changes = versions.Select((version, i) => store.ReplaceAsync($"id{i}", version, Of("{\"n\":1}")).AsTask()).ToList();
        await server.BeginAsync(ServerFault.Disconnected);
        await server.EndAsync(ServerFault.Hanging);

        var failures = new List<SessionStoreException>();
        for (var i = 0; i < changes.Count; i++)
        {
            if (await Record.ExceptionAsync(() => changes[i]) is { } failure)
                failures.Add(Assert.IsType<SessionStoreException>(failure));
            else
                Assert.Equal(SessionWriteStatus.Written, (await changes[i]).Status);
        }

        Assert.Equal(failures.Count, failures.Distinct().Count());
        Assert.All(failures, failure => Assert.DoesNotContain("id1", failure.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reads_after_the_store_is_disposed_say_so()
    {
        var store = await SharingAsync();
        await store.SetAsync("id", Of("{}"));

        var reads = Enumerable.Range(0, 100).Select(_ => store.GetAsync("id").AsTask()).ToList();
        await store.DisposeAsync();

        foreach (var read in reads)
            Assert.True(await Record.ExceptionAsync(() => read) is null or ObjectDisposedException);

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.GetAsync("id"));
    }

    private static async Task<long> CallsAsync(RedisServerFaults server, string command)
    {
        var start = $"cmdstat_{command}:calls=";
        var line = ((string)(await server.SendAsync("INFO", "commandstats"))!).Split("\r\n").FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[start.Length..line.IndexOf(',')], CultureInfo.InvariantCulture);
    }

    private async Task<SessionRecord?> AloneAsync(string prefix, string id)
    {
        await using var store = await fixture.StoreAsync(options => (options.KeyPrefix, options.ShareRoundTrips) = (prefix, false));
        return await store.GetAsync(id);
    }

    private Task<RedisStore> SharingAsync(Action<RedisStoreOptions>? configure = null) => fixture.StoreAsync(options =>
    {
        options.ShareRoundTrips = options.SharesAlways = true;
        configure?.Invoke(options);
    });
}
