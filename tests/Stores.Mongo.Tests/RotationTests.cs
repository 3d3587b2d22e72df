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
        await using var proxy = TcpFault.Start(Fixture.Backend.Server);
        var settings = MongoClientSettings.FromConnectionString($"mongodb://{proxy.Host}:{proxy.Port}/?directConnection=true");
        settings.ClusterConfigurator = cluster => cluster.Subscribe<CommandSucceededEvent>(succeeded =>
        {
            if (succeeded.CommandName == "findAndModify")
                proxy.Refuse();
        });
        using var client = new MongoClient(settings);
        var store = Open(options => options.OperationTimeout = TimeSpan.FromSeconds(3), client.GetDatabase(Fixture.DatabaseName).GetCollection<BsonDocument>(Collection.CollectionNamespace.CollectionName));
        await store.CreateAsync("old", Content());

        await Assert.ThrowsAsync<SessionStoreException>(async () => await store.RotateAsync("old", "new", null, Content()));

        Assert.Null(await StoredAsync("old"));
        Assert.Null(await StoredAsync("new"));
    }

    [Fact]
    public async Task A_cancellation_after_the_first_step_does_not_stop_the_second()
    {
        using var source = new CancellationTokenSource();
        var settings = MongoClientSettings.FromConnectionString(Fixture.Backend.ConnectionString);
        settings.ClusterConfigurator = cluster => cluster.Subscribe<CommandStartedEvent>(started =>
        {
            if (started.CommandName == "findAndModify")
                source.Cancel();
        });
        using var client = new MongoClient(settings);
        var store = Open(collection: client.GetDatabase(Fixture.DatabaseName).GetCollection<BsonDocument>(Collection.CollectionNamespace.CollectionName));
        await store.CreateAsync("old", Content());

        var result = await store.RotateAsync("old", "new", null, Content(), source.Token);

        Assert.True(source.IsCancellationRequested);
        Assert.Equal(SessionWriteStatus.Written, result.Status);
        Assert.Null(await StoredAsync("old"));
        Assert.NotNull(await StoredAsync("new"));
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
            var results = await Task.WhenAll(olds.Select(old => Task.Run(async () => await store.RotateAsync(old, target, null, Content($$"""{"by":"{{old}}"}""")))));

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
        await store.CreateAsync("new", Content(minutes: 1));
        await store.CreateAsync("old", Content());
        Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(SessionWriteStatus.Written, (await store.RotateAsync("old", "new", null, Content("{}"))).Status);
        Assert.Equal("{}", Text(await store.GetAsync("new")));
    }
}
