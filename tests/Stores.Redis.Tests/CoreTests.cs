using static SessionStores.Redis.Tests.Sessions;

namespace SessionStores.Redis.Tests;

/// <summary>The store in front of one server and of a cluster.</summary>
public abstract class CoreTests<TBackend>(RedisServerFixture<TBackend> fixture)
    where TBackend : Backends.Backend
{
    [Fact]
    public async Task A_session_lives_from_creation_to_destruction()
    {
        var store = await fixture.StoreAsync();
        var content = Of("""{"cookie":{"originalMaxAge":null},"n":1}""", "ann");

        var created = await store.CreateAsync("a", content);
        var record = await store.GetAsync("a");
        var replaced = await store.ReplaceAsync("a", record!.Version, Of("""{"n":2}""", "bob"));
        var again = await store.GetAsync("a");

        Assert.Equal(SessionWriteStatus.Written, created.Status);
        Assert.Equal(SessionWriteStatus.Taken, (await store.CreateAsync("a", content)).Status);
        Assert.Equal(created.Version, record.Version);
        Assert.Equal("ann", record.Subject);
        Assert.Equal(content.Lifetime.End, record.ExpiresAt);
        Assert.Equal("""{"cookie":{"originalMaxAge":null},"n":1}""", TextOf(record));
        Assert.Equal(SessionWriteStatus.Written, replaced.Status);
        Assert.Equal(SessionWriteStatus.Conflict, (await store.ReplaceAsync("a", record.Version, content)).Status);
        Assert.Equal("bob", again!.Subject);
        Assert.Equal("""{"n":2}""", TextOf(again));
        Assert.True(await store.TouchAsync("a", SessionExpiry.Never));
        Assert.Equal(SessionExpiry.Never, (await store.GetAsync("a"))!.ExpiresAt);
        Assert.True(await store.DestroyAsync("a"));
        Assert.False(await store.DestroyAsync("a"));
        Assert.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync("a", replaced.Version, content)).Status);
        Assert.Null(await store.GetAsync("a"));
    }

    [Fact]
    public async Task A_rotation_moves_a_session()
    {
        var store = await fixture.StoreAsync();
        var version = (await store.CreateAsync("old", Of("{}", "ann"))).Version;
        await store.CreateAsync("held", Of("{}"));

        Assert.Equal(SessionWriteStatus.Taken, (await store.RotateAsync("old", "held", SessionVersion.Any, Of("{}"))).Status);
        Assert.Equal(SessionWriteStatus.Conflict, (await store.RotateAsync("old", "new", SessionVersion.Of("{}"u8.ToArray()), Of("{}"))).Status);
        Assert.NotNull(await store.GetAsync("old"));
        var rotated = await store.RotateAsync("old", "new", version, Of("""{"n":1}""", "ann"));

        Assert.Equal(SessionWriteStatus.Written, rotated.Status);
        Assert.Null(await store.GetAsync("old"));
        Assert.Equal(rotated.Version, (await store.GetAsync("new"))!.Version);
        Assert.Equal(SessionWriteStatus.Gone, (await store.RotateAsync("old", "other", version, Of("{}"))).Status);
        Assert.Equal(["new"], (await AllOf(store.ListBySubjectAsync("ann"))).Select(record => record.Id));
    }

    [Fact]
    public async Task Sessions_are_listed_counted_and_cleared()
    {
        var store = await fixture.StoreAsync();
        var neighbour = await fixture.StoreAsync(options => options.KeyPrefix += "*");
        for (var i = 0; i < 250; i++)
            await store.CreateAsync($"s{i}", Of("{}", $"user{i % 3}"));

        await neighbour.CreateAsync("other", Of("{}", "user1"));

        Assert.Equal(250, (await AllOf(store.AllAsync())).Select(record => record.Id).Distinct().Count());
        Assert.Equal(250, await store.LengthAsync());
        Assert.Equal(1, await neighbour.LengthAsync());
        Assert.Equal(83, (await AllOf(store.ListBySubjectAsync("user1"))).Count);
        Assert.Equal(82, await store.DestroyBySubjectAsync("user1", ["s1"]));
        Assert.Equal(["s1"], (await AllOf(store.ListBySubjectAsync("user1"))).Select(record => record.Id));
        Assert.Equal(168, await store.LengthAsync());
        await store.ClearAsync();
        Assert.Equal(0, await store.LengthAsync());
        Assert.Empty(await AllOf(store.ListBySubjectAsync("user1")));
        Assert.Equal(1, await neighbour.LengthAsync());
    }
}

public sealed class SingleCore(RedisFixture fixture) : CoreTests<Backends.RedisBackend>(fixture);

public sealed class ClusterCore(RedisClusterFixture fixture) : CoreTests<Backends.RedisClusterBackend>(fixture);
