using StackExchange.Redis;
using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>A log-out ends a session whatever ids it gets in the meantime.</summary>
public abstract class RotationTests<TBackend>(RedisServerFixture<TBackend> fixture)
    where TBackend : Backends.Backend
{
    private const int Rounds = 30;

    [Fact]
    public async Task A_log_out_everywhere_else_keeps_the_session_whose_id_rotates()
    {
        var store = await fixture.StoreAsync();
        for (var round = 0; round < Rounds; round++)
        {
            await store.CreateAsync($"{round}", Of("{}", "ann"));
            await store.CreateAsync("other", Of("{}", "ann"));
            var (rotation, destroyed) = await RaceAsync(
                round, async () => (await store.RotateAsync($"{round}", $"{round}-new", SessionVersion.Any, Of("{}", "ann"))).Status, async () => await store.DestroyBySubjectAsync("ann", [$"{round}"]));

            Assert.Equal(SessionWriteStatus.Written, rotation);
            Assert.Equal(1, destroyed);
            Assert.Equal([$"{round}-new"], (await AllOf(store.ListBySubjectAsync("ann"))).Select(record => record.Id));
            Assert.True(await store.DestroyAsync($"{round}-new"));
        }
    }

    [Fact]
    public async Task A_destroy_follows_links_and_nothing_else_does()
    {
        var store = await fixture.StoreAsync();
        await store.CreateAsync("a", Of("{}", "ann"));
        await store.RotateAsync("a", "b", SessionVersion.Any, Of("{}", "ann"));
        var version = (await store.RotateAsync("b", "}c{}", SessionVersion.Any, Of("{}", "ann"))).Version;

        Assert.Null(await store.GetAsync("a"));
        Assert.False(await store.TouchAsync("a", TimeSpan.FromHours(1)));
        Assert.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync("a", version, Of("{}"))).Status);
        Assert.Equal(SessionWriteStatus.Gone, (await store.RotateAsync("a", "d", SessionVersion.Any, Of("{}"))).Status);
        Assert.Equal(1, await store.LengthAsync());
        Assert.True(await store.DestroyAsync("a"));
        Assert.False(await store.DestroyAsync("a"));
        Assert.Equal(0, await store.LengthAsync());
        Assert.Empty(await AllOf(store.ListBySubjectAsync("ann")));
    }

    [Fact]
    public async Task A_record_under_a_rotated_id_is_a_session_of_its_own()
    {
        var store = await fixture.StoreAsync();
        foreach (var (round, write) in new Func<string, Task>[]
        {
            async id => await store.CreateAsync(id, Of("{}")),
            async id => await store.SetAsync(id, Of("{}")),
            async id =>
            {
                await store.CreateAsync(id + "-third", Of("{}"));
                await store.RotateAsync(id + "-third", id, SessionVersion.Any, Of("{}"));
            },
        }.Index())
        {
            await store.CreateAsync($"{round}", Of("{}"));
            await store.RotateAsync($"{round}", $"{round}-new", SessionVersion.Any, Of("{}"));
            await write($"{round}");

            Assert.True(await store.DestroyAsync($"{round}"));
            Assert.False(await store.DestroyAsync($"{round}"));
            Assert.NotNull(await store.GetAsync($"{round}-new"));
        }
    }

    [Theory]
    [InlineData("l{}:")]
    [InlineData("l}{:")]
    [InlineData("{tag}l:")]
    public async Task A_log_out_after_a_rotation_works_under_any_prefix(string prefix)
    {
        var store = await fixture.StoreAsync(options => options.KeyPrefix = prefix + options.KeyPrefix);
        await store.CreateAsync("{a}", Of("{}", "ann"));
        await store.RotateAsync("{a}", "b", SessionVersion.Any, Of("{}", "ann"));

        Assert.True(await store.DestroyAsync("{a}"));
        Assert.Null(await store.GetAsync("b"));
    }

    [Fact]
    public async Task Links_expire_are_not_counted_and_are_cleared()
    {
        var prefix = "";
        var store = await fixture.StoreAsync(options => prefix = options.KeyPrefix);
        var database = (await fixture.ConnectionAsync()).GetDatabase();
        await store.CreateAsync("a", Of("{}", "ann"));
        await store.RotateAsync("a", "b", SessionVersion.Any, Of("{}", "ann"));
        RedisKey link = fixture is RedisFixture ? $"rotated:{prefix}a" : $"rotated:{{{prefix}a}}{prefix}a";

        Assert.InRange((long)await database.ExecuteAsync("PTTL", link), 240_000, 300_000);
        Assert.Equal(1, await store.LengthAsync());
        Assert.Equal(["b"], (await AllOf(store.AllAsync())).Select(record => record.Id));
        Assert.Equal(0, await store.PruneAsync());
        await store.ClearAsync();
        Assert.False(await database.KeyExistsAsync(link));
    }

    [Fact]
    public async Task A_record_of_a_subject_that_cannot_be_read_does_not_survive_a_log_out_everywhere()
    {
        var prefix = "";
        var store = await fixture.StoreAsync(options => prefix = options.KeyPrefix);
        var database = (await fixture.ConnectionAsync()).GetDatabase();
        foreach (var id in new[] { "good", "broken", "large", "deep", "hash" })
            await store.CreateAsync(id, Of("{}", "ann"));

        await database.StringSetAsync(prefix + "broken", "{");
        await database.StringSetAsync(prefix + "large", $$"""{"a":"{{new string('x', 1 << 20)}}"}""");
        await database.StringSetAsync(prefix + "deep", "{\"a\":" + new string('[', 1100) + new string(']', 1100) + "}");
        await database.KeyDeleteAsync(prefix + "hash");
        await database.HashSetAsync(prefix + "hash", "a", "b");
        foreach (var id in new[] { "broken", "large", "deep", "hash" })
            Assert.Equal(SessionStoreFault.Unreadable, (await Assert.ThrowsAsync<SessionStoreException>(() => store.GetAsync(id).AsTask())).Fault);

        Assert.Equal(["good"], (await AllOf(store.ListBySubjectAsync("ann"))).Select(record => record.Id));
        Assert.Equal(5, await store.DestroyBySubjectAsync("ann"));
        Assert.Equal(0, await store.LengthAsync());
    }

    /// <summary>Starts both at once, and gives each a lead in some of the rounds.</summary>
    private static async Task<(TFirst First, TSecond Second)> RaceAsync<TFirst, TSecond>(int round, Func<Task<TFirst>> first, Func<Task<TSecond>> second)
    {
        using var start = new Barrier(2);
        var one = Task.Run(async () =>
        {
            start.SignalAndWait();
            Thread.SpinWait(round % 2 == 0 ? 60_000 : 0);
            return await first();
        });
        var two = Task.Run(async () =>
        {
            start.SignalAndWait();
            Thread.SpinWait(round % 4 == 1 ? 20_000 : 0);
            return await second();
        });
        return (await one, await two);
    }
}

public sealed class SingleRotation(RedisFixture fixture) : RotationTests<Backends.RedisBackend>(fixture);

public sealed class ClusterRotation(RedisClusterFixture fixture) : RotationTests<Backends.RedisClusterBackend>(fixture);
