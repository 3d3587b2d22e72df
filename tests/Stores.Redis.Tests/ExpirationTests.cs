using System.Reflection;
using System.Text.RegularExpressions;
using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>The copies of sessions, of which the server tells nothing when it removes their records.</summary>
public sealed class ExpirationTests(RedisFixture fixture, RedisClusterFixture cluster)
{
    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);

    [Fact]
    public async Task What_ends_before_its_expiry_leaves_no_copy()
    {
        var kept = await StoreAsync();
        var store = kept.Store;
        foreach (var id in (string[])["destroyed", "old", "everywhere", "permanent", "replaced"])
            await store.CreateAsync(id, Of("{}", id == "everywhere" ? "ann" : null));

        await store.DestroyAsync("destroyed");
        await store.RotateAsync("old", "new", SessionVersion.Any, Of("{}"));
        await store.DestroyAsync("old");
        await store.DestroyBySubjectAsync("ann");
        await store.TouchAsync("permanent", SessionLifetime.Never);
        await store.SetAsync("replaced", Of("{}", DateTimeOffset.UnixEpoch.AddDays(1)));

        Assert.Equal([], await kept.EntriesAsync());
        Assert.Equal([], await kept.CopiesAsync());
    }

    [Fact]
    public async Task A_session_that_a_cap_ends_leaves_no_copy()
    {
        var kept = await StoreAsync();
        foreach (var id in (string[])["1", "2", "3"])
            await kept.Store.CreateAsync(id, Of("{}", "ann"), SessionCap.EndOldest(2));

        Assert.Equal(["2", "3"], await kept.EntriesAsync());
        Assert.Equal(["2", "3"], await kept.CopiesAsync());
    }

    [Fact]
    public async Task Copies_are_what_was_written_last()
    {
        var kept = await StoreAsync();
        var version = (await kept.Store.CreateAsync("a", Of("""{"n":1}"""))).Version;
        await kept.Store.ReplaceAsync("a", version, Of("""{"n":2}"""));
        await kept.ExpireAsync("a");

        var claimed = Assert.Single(await kept.Store.ClaimExpiredAsync(10, Lease));

        Assert.Equal("""{"n":2}""", TextOf(claimed.Session));
    }

    [Fact]
    public async Task A_user_who_comes_back_with_an_expired_session_takes_no_event_away()
    {
        var kept = await StoreAsync();
        await kept.Store.CreateAsync("a", Of("{}", "ann"));
        await kept.ExpireAsync("a");

        Assert.Null(await kept.Store.GetAsync("a", new SlidingExpiry(TimeSpan.FromDays(1), SessionLifetime.For(TimeSpan.FromDays(1)))));
        Assert.False(await kept.Store.TouchAsync("a", SessionLifetime.For(TimeSpan.FromDays(1))));
        Assert.Equal(SessionWriteStatus.Gone, (await kept.Store.ReplaceAsync("a", SessionVersion.Any, Of("{}"))).Status);
        Assert.False(await kept.Store.DestroyAsync("a"));
        var claimed = Assert.Single(await kept.Store.ClaimExpiredAsync(10, Lease));

        Assert.Equal(("a", "ann"), (claimed.Session.Id, claimed.Session.Subject));
    }

    [Fact]
    public async Task A_session_that_a_peer_changed_and_extended_is_claimed_later_as_the_peer_left_it()
    {
        var kept = await StoreAsync();
        await kept.Store.CreateAsync("a", Of("""{"n":1}"""));
        await kept.Database.StringSetAsync(kept.Prefix + "a", """{"n":2}""", TimeSpan.FromHours(2));
        await kept.Database.SortedSetAddAsync(kept.Queue, "a", 1);

        Assert.Empty(await kept.Store.ClaimExpiredAsync(1, Lease));
        await kept.ExpireAsync("a");

        Assert.Equal("""{"n":2}""", TextOf(Assert.Single(await kept.Store.ClaimExpiredAsync(10, Lease)).Session));
    }

    [Fact]
    public async Task A_claim_finds_what_has_expired_behind_what_peers_have_extended()
    {
        var kept = await StoreAsync();
        foreach (var id in (string[])["a", "b", "c"])
            await kept.Store.CreateAsync(id, Of("{}"));

        await kept.Database.SortedSetAddAsync(kept.Queue, [new("a", 1), new("b", 2)]);
        await kept.ExpireAsync("c");

        Assert.Equal("c", Assert.Single(await kept.Store.ClaimExpiredAsync(1, Lease)).Session.Id);
    }

    [Fact]
    public async Task Pruning_removes_copies_of_expired_sessions_and_those_of_claims_whose_lease_is_over()
    {
        var kept = await StoreAsync();
        foreach (var id in (string[])["expired", "claimed", "live"])
            await kept.Store.CreateAsync(id, Of("{}"));

        await kept.ExpireAsync("claimed");
        var claim = Assert.Single(await kept.Store.ClaimExpiredAsync(1, Lease)).Claim;
        await kept.Database.SortedSetAddAsync(kept.Queue, claim, 1);
        await kept.ExpireAsync("expired");

        await kept.Store.PruneAsync();

        Assert.Equal(["live"], await kept.EntriesAsync());
        Assert.Equal(["live"], await kept.CopiesAsync());
    }

    [Fact]
    public async Task Clearing_removes_the_copies()
    {
        var kept = await StoreAsync();
        await kept.Store.CreateAsync("a", Of("{}"));

        await kept.Store.ClearAsync();

        Assert.False(await kept.Database.KeyExistsAsync(kept.Queue) || await kept.Database.KeyExistsAsync(kept.Queue + "\u0001"));
    }

    [Fact]
    public async Task An_expired_record_that_cannot_be_read_is_claimed_without_its_payload()
    {
        var kept = await StoreAsync();
        await kept.Store.CreateAsync("a", Of("{}"));
        await kept.ExpireAsync("a");
        await kept.Database.HashSetAsync(kept.Queue + "\u0001", "a", "not json");

        var claimed = Assert.Single(await kept.Store.ClaimExpiredAsync(1, Lease));

        Assert.Equal(("a", true), (claimed.Session.Id, claimed.Session.Payload.IsEmpty));
    }

    [Fact]
    public async Task Without_the_option_no_copy_is_kept_and_no_session_is_claimed()
    {
        ISessionStore store = await fixture.StoreAsync();

        Assert.Null(store.GetCapability<ISessionExpirations>());
        var exception = await Assert.ThrowsAsync<NotSupportedException>(async () => await ((RedisStore)store).ClaimExpiredAsync(1, Lease));
        Assert.Contains("KeepExpired", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_script_that_writes_keys_keeps_copies_unless_it_writes_no_session()
    {
        // Follow gives up a reservation; Forget removes entries of an index; the others change copies.
        string[] others = [nameof(RedisCommands.Follow), nameof(RedisCommands.Forget), nameof(RedisCommands.ClaimExpired), nameof(RedisCommands.ConfirmExpired)];
        var scripts = typeof(RedisCommands).GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(static field => field.FieldType == typeof(RedisScript))
            .ToDictionary(static field => field.Name, static field => (RedisScript)field.GetValue(null)!);

        var writing = scripts.Where(static script => Regex.IsMatch(script.Value.Text, "'(SET|DEL|UNLINK|PERSIST|PEXPIRE|PEXPIREAT)'")).ToList();

        Assert.Equal([], writing.Where(script => !others.Contains(script.Key) && !script.Value.ChangesRecords).Select(static script => script.Key));
        Assert.True(writing.Count > 8);
    }

    [Fact]
    public async Task A_cluster_refuses_the_option_and_says_why()
    {
        var store = await cluster.StoreAsync(static options => options.KeepExpired = true);

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.CreateAsync("a", Of("{}")));

        Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
        Assert.Contains("KeepExpired must be false on Redis Cluster", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "KeepExpired needs a KeyPrefix of at least 1 character")]
    [InlineData("expiring:sess:", "must not begin with one another")]
    public void A_prefix_that_copies_could_be_taken_for_is_refused(string prefix, string problem)
    {
        var exception = Assert.Throws<ArgumentException>(() => new RedisStore(new ConfigurationOptions(), new RedisStoreOptions { KeyPrefix = prefix, KeepExpired = true }));

        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    private async Task<Kept> StoreAsync()
    {
        var prefix = $"kept{Interlocked.Increment(ref Names.Last)}:";
        var store = await fixture.StoreAsync(options => (options.KeyPrefix, options.KeepExpired) = (prefix, true));
        return new Kept(store, prefix, (await fixture.ConnectionAsync()).GetDatabase());
    }

    private sealed record Kept(RedisStore Store, string Prefix, IDatabase Database)
    {
        public string Queue => "expiring:" + Prefix;

        /// <summary>Leaves what there is a while after the expiry of a session: the server has removed its record.</summary>
        public async Task ExpireAsync(string id)
        {
            await Database.KeyDeleteAsync(Prefix + id);
            await Database.SortedSetAddAsync(Queue, id, 1);
        }

        public async Task<IEnumerable<string>> EntriesAsync() => (await Database.SortedSetRangeByRankAsync(Queue)).Select(static entry => entry.ToString()).Order(StringComparer.Ordinal);

        public async Task<IEnumerable<string>> CopiesAsync() => (await Database.HashKeysAsync(Queue + "\u0001")).Select(static entry => entry.ToString()).Order(StringComparer.Ordinal);
    }
}
