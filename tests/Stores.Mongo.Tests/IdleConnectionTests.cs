using MongoDB.Bson;
using SessionStores.Backends;

namespace SessionStores.Mongo.Tests;

/// <summary>Connections that died while they were idle.</summary>
public sealed class IdleConnectionTests(MongoFixture fixture) : MongoTest(fixture)
{
    [Fact]
    public async Task A_call_on_connections_that_died_while_they_were_idle_does_not_fail()
    {
        await using var proxy = TcpFault.Start(Fixture.Backend.Server);
        await using var store = new MongoStore(
            $"mongodb://{proxy.Host}:{proxy.Port}/?directConnection=true&appName={ObjectId.GenerateNewId()}",
            new MongoStoreOptions { Database = Fixture.DatabaseName, Collection = Collection.CollectionNamespace.CollectionName, OperationTimeout = TimeSpan.FromMinutes(1) });
        var version = (await store.CreateAsync("a", Content(subject: "u"))).Version;
        var calls = new Func<Task>[]
        {
            async () => Assert.NotNull(await store.GetAsync("a", new SlidingExpiry(TimeSpan.MaxValue, In(90)))),
            async () => Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("a", version, Content(subject: "u"))).Status),
            async () => Assert.True(await store.TouchAsync("a", In(120))),
            async () => await store.SetAsync("a", Content(subject: "u")),
            async () => Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync("a", "b", SessionVersion.Any, Content(subject: "u"))).Status),
            async () => Assert.Equal(SessionWriteStatus.Written, (await store.CreateAsync("c", Content(subject: "u"))).Status),
            async () => Assert.Equal(1, await store.DestroyBySubjectAsync("u", ["c"])),
            async () => Assert.True(await store.DestroyAsync("c")),
            async () => Assert.Equal(0, await store.PruneAsync()),
        };
        foreach (var call in calls)
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await store.GetAsync("none")));
            proxy.CutAll();
            await call();
        }
    }
}
