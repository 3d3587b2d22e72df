using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Events;
using SessionStores.Backends;

namespace SessionStores.Mongo.Tests;

/// <summary>What a rotation guarantees instead of one step (L10).</summary>
public sealed class RotationTests(MongoFixture fixture) : MongoTest(fixture)
{
    [Fact]
    public async Task A_server_lost_between_the_two_steps_leaves_neither_id_and_never_both()
    {
        // The first one creates the session, the second reserves the new id, the third leaves the link.
        await RotateUntilLostAsync(afterStep: 3);

        var other = Open();
        Assert.Null(await other.GetAsync("old"));
        Assert.Null(await other.GetAsync("new"));
        Assert.Empty(await other.AllAsync().ToListAsync());
        Assert.True(await other.DestroyAsync("old"));
    }

    [Fact]
    public async Task A_server_lost_after_the_reservation_leaves_the_session_where_it_was()
    {
        await RotateUntilLostAsync(afterStep: 2);

        var other = Open();
        Assert.NotNull(await other.GetAsync("old"));
        Assert.Null(await other.GetAsync("new"));
        Assert.Equal(1, await other.LengthAsync());
        Assert.Equal(SessionWriteStatus.Taken, (await other.CreateAsync("new", Content())).Status);
        await AgeAsync("new", "moved.until", 6);
        Assert.Equal(SessionWriteStatus.Written, (await other.RotateAsync("old", "new", SessionVersion.Any, Content())).Status);
    }

    [Fact]
    public async Task A_cancellation_after_the_first_step_does_not_stop_the_others()
    {
        using var source = new CancellationTokenSource();
        var steps = 0;
        var store = Open(collection: Observe(cluster => cluster.Subscribe<CommandStartedEvent>(started =>
        {
            if (started.CommandName == "findAndModify" && Interlocked.Increment(ref steps) == 3)
                source.Cancel();
        })));
        await store.CreateAsync("old", Content());

        var result = await store.RotateAsync("old", "new", SessionVersion.Any, Content(), source.Token);

        Assert.True(source.IsCancellationRequested);
        Assert.Equal(SessionWriteStatus.Written, result.Status);
        Assert.Null(await store.GetAsync("old"));
        Assert.NotNull(await store.GetAsync("new"));
    }

    [Fact]
    public async Task Of_many_rotations_to_one_id_one_wins_and_the_others_stay_where_they_were()
    {
        var store = Open();
        for (var round = 0; round < 20; round++)
        {
            var olds = Enumerable.Range(0, 6).Select(n => $"r{round}-{n}").ToArray();
            foreach (var old in olds)
                await store.CreateAsync(old, Content($$"""{"of":"{{old}}"}"""));

            var target = $"r{round}";
            var results = await Task.WhenAll(olds.Select(old => Task.Run(async () => await store.RotateAsync(old, target, SessionVersion.Any, Content($$"""{"by":"{{old}}"}""")))));

            var winner = Array.FindIndex(results, result => result.Status == SessionWriteStatus.Written);
            Assert.Equal(5, results.Count(result => result.Status == SessionWriteStatus.Taken));
            Assert.Equal($$"""{"by":"{{olds[winner]}}"}""", Text(await store.GetAsync(target)));
            for (var n = 0; n < olds.Length; n++)
            {
                var record = await store.GetAsync(olds[n]);
                Assert.Equal(n == winner ? null : $$"""{"of":"{{olds[n]}}"}""", record is null ? null : Text(record));
            }
        }
    }

    [Fact]
    public async Task An_expired_holder_of_the_new_id_gives_way()
    {
        var store = Open();
        await PlantAsync(new BsonDocument { { "_id", "new" }, { "session", Json }, { "expires", new BsonDateTime(1000) }, { "subject", "theirs" }, { "other", 1 } });
        await store.CreateAsync("old", Content());

        Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync("old", "new", SessionVersion.Any, Content("{}"))).Status);
        Assert.Equal("{}", Text(await store.GetAsync("new")));
        Assert.Equal(["_id", "session", "expires"], (await StoredAsync("new"))!.Names);
    }

    /// <summary>Rotates "old" to "new" on a server that is lost after so many steps, of which the creation is the first.</summary>
    private async Task RotateUntilLostAsync(int afterStep)
    {
        await using var proxy = TcpFault.Start(Fixture.Backend.Server);
        var settings = MongoClientSettings.FromConnectionString($"mongodb://{proxy.Host}:{proxy.Port}/?directConnection=true");
        var steps = 0;
        settings.ClusterConfigurator = cluster => cluster.Subscribe<CommandSucceededEvent>(succeeded =>
        {
            if (succeeded.CommandName == "findAndModify" && Interlocked.Increment(ref steps) == afterStep)
                proxy.Refuse();
        });
        using var client = new MongoClient(settings);
        var store = Open(options => options.OperationTimeout = TimeSpan.FromSeconds(3), client.GetDatabase(Fixture.DatabaseName).GetCollection<BsonDocument>(Collection.CollectionNamespace.CollectionName));
        await store.CreateAsync("old", Content());

        await Assert.ThrowsAsync<SessionStoreException>(async () => await store.RotateAsync("old", "new", SessionVersion.Any, Content()));
    }
}
