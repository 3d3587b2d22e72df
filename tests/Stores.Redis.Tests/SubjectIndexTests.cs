using SessionStores.Backends;
using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>The index of subjects shows what the records say, and forgets what has ended.</summary>
public abstract class SubjectIndexTests<TBackend>(RedisServerFixture<TBackend> fixture)
    where TBackend : Backend
{
    [Fact]
    public async Task Entries_of_expired_sessions_go_with_the_next_write_for_the_subject()
    {
        var (store, index, database) = await StoreAsync();
        for (var i = 0; i < 5; i++)
            await store.CreateAsync($"{i}", Of("{}", "ann"));

        for (var i = 0; i < 5; i++)
            await ExpireAsync(database, index, $"{i}");

        await store.CreateAsync("live", Of("{}", "ann"));

        Assert.Equal(["live"], await MembersAsync(database, index));
    }

    [Fact]
    public async Task Pruning_removes_entries_of_expired_sessions_and_keeps_those_that_were_extended()
    {
        var (store, index, database) = await StoreAsync();
        for (var i = 0; i < 30; i++)
            await store.CreateAsync($"{i}", Of("{}", "ann"));

        // Of session 7 only the entry is old: it was extended since.
        for (var i = 0; i < 30; i++)
            await ExpireAsync(database, index, $"{i}", record: i != 7);

        Assert.Equal(29, await store.PruneAsync(10));
        Assert.Equal(["7"], await MembersAsync(database, index));
        Assert.Equal(["7"], (await AllOf(store.ListBySubjectAsync("ann"))).Select(record => record.Id));
        Assert.Equal(0, await store.PruneAsync());
    }

    [Fact]
    public async Task The_index_follows_when_the_subject_of_a_session_changes()
    {
        var (store, _, _) = await StoreAsync();
        await store.CreateAsync("a", Of("{}", "ann"));

        await store.ReplaceAsync("a", (await store.GetAsync("a"))!.Version, Of("{}", "bob"));
        Assert.Empty(await AllOf(store.ListBySubjectAsync("ann")));
        Assert.Single(await AllOf(store.ListBySubjectAsync("bob")));
        Assert.Equal(0, await store.DestroyBySubjectAsync("ann"));

        await store.SetAsync("a", Of("{}"));
        Assert.Empty(await AllOf(store.ListBySubjectAsync("bob")));
        await store.SetAsync("a", Of("{}", "ann"));
        Assert.Single(await AllOf(store.ListBySubjectAsync("ann")));
    }

    [Fact]
    public async Task An_ended_session_leaves_the_index_at_once()
    {
        var (store, index, database) = await StoreAsync();
        foreach (var id in new[] { "destroyed", "rotated", "changed", "deleted" })
            await store.CreateAsync(id, Of("""{"a":1}""", SessionExpiry.Never, "ann"));

        await store.DestroyAsync("destroyed");
        await store.RotateAsync("rotated", "new", SessionVersion.Any, Of("{}", "ann"));
        await store.ReplaceAsync("changed", (await store.GetAsync("changed"))!.Version, Of("{}", "bob"));
        Assert.Equal(["deleted", "new"], await MembersAsync(database, index));

        await database.KeyDeleteAsync(index.ToString()["subject:".Length..^"ann".Length] + "deleted");
        Assert.Equal(["new"], (await AllOf(store.ListBySubjectAsync("ann"))).Select(record => record.Id));
        Assert.Equal(["new"], await MembersAsync(database, index));
    }

    [Theory]
    [InlineData("Zoë \"quoted\" \\ {1} 😀*?")]
    [InlineData("}")]
    public async Task Any_subject_is_found_again(string subject)
    {
        var (store, _, _) = await StoreAsync();
        await store.CreateAsync("a", Of("""{"a":1}""", subject));

        Assert.Equal(subject, (await store.GetAsync("a"))!.Subject);
        Assert.Single(await AllOf(store.ListBySubjectAsync(subject)));
        Assert.Equal(1, await store.DestroyBySubjectAsync(subject));
        Assert.Empty(await AllOf(store.ListBySubjectAsync(subject)));
    }

    [Fact]
    public async Task Nothing_survives_a_log_out_everywhere_while_sessions_change_and_get_new_ids()
    {
        for (var round = 0; round < 20; round++)
        {
            var (store, _, _) = await StoreAsync();
            await Task.WhenAll(Enumerable.Range(0, 8).Select(i => store.CreateAsync($"{i}", Of("{}", "ann")).AsTask()));
            using var start = new ManualResetEventSlim();

            var changes = Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
            {
                start.Wait();
                if (i % 2 == 0)
                    await store.RotateAsync($"{i}", $"{i}-new", SessionVersion.Any, Of("{}", "ann"));
                else if (await store.GetAsync($"{i}") is { } record)
                    await store.ReplaceAsync($"{i}", record.Version, Of("""{"n":1}""", "ann"));
            })).ToList();
            start.Set();
            var destroyed = await store.DestroyBySubjectAsync("ann");
            await Task.WhenAll(changes);

            Assert.Empty(await AllOf(store.ListBySubjectAsync("ann")));
            Assert.Equal(0, await store.LengthAsync());
            Assert.Equal(8, destroyed);
        }
    }

    /// <summary>Moves the expiry of an entry, and of its record, into the past.</summary>
    private static async Task ExpireAsync(IDatabase database, RedisKey index, string id, bool record = true)
    {
        Assert.Equal(1, (long)await database.ExecuteAsync("ZADD", index, "XX", "CH", "1", id));
        if (record)
            Assert.Equal(1, (long)await database.ExecuteAsync("PEXPIREAT", (RedisKey)(index.ToString()["subject:".Length..^"ann".Length] + id), "1"));
    }

    private async Task<(RedisStore Store, RedisKey Index, IDatabase Database)> StoreAsync()
    {
        RedisKey index = default;
        var store = await fixture.StoreAsync(options => index = "subject:" + options.KeyPrefix + "ann");
        return (store, index, (await fixture.ConnectionAsync()).GetDatabase());
    }

    private static async Task<string[]> MembersAsync(IDatabase database, RedisKey index) =>
        [.. (await database.SortedSetRangeByRankAsync(index)).Select(static member => (string)member!).Order(StringComparer.Ordinal)];
}

public sealed class SingleSubjectIndex(RedisFixture fixture) : SubjectIndexTests<RedisBackend>(fixture);

public sealed class ClusterSubjectIndex(RedisClusterFixture fixture) : SubjectIndexTests<RedisClusterBackend>(fixture);
