using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Events;

namespace SessionStores.Mongo.Tests;

/// <summary>The end of all sessions of a subject, and what is under way at that time.</summary>
public sealed class EpochTests(MongoFixture fixture) : MongoTest(fixture)
{
    private const int Count = 100_000;

    [Fact]
    public async Task One_command_ends_100000_sessions_of_a_subject_and_no_read_that_starts_afterwards_meets_one()
    {
        var deletes = 0;
        var store = Open(options => options.OperationTimeout = TimeSpan.FromMinutes(1), Observe(cluster => cluster.Subscribe<CommandStartedEvent>(started =>
        {
            if (started.CommandName == "delete")
                Interlocked.Increment(ref deletes);
        })));
        await store.SetUpAsync();
        var joined = new BsonDateTime(Start.ToUnixTimeMilliseconds() - 1000);
        foreach (var batch in Enumerable.Range(0, Count).Chunk(5000))
        {
            await Collection.InsertManyAsync(batch.Select(i => new BsonDocument
            {
                { "_id", IdOf(i) }, { "session", Json }, { "expires", new BsonDateTime(In(60).ToUnixTimeMilliseconds()) }, { "subject", "alice" }, { "joined", joined },
            }));
        }

        await store.CreateAsync("bob", Content(subject: "bob"));
        Assert.Equal(Count, await store.CountBySubjectAsync("alice"));

        var isOver = false;
        var readers = Enumerable.Range(0, 4).Select(reader => Task.Run(async () =>
        {
            var random = new Random(reader);
            for (var afterwards = 0; afterwards < 500;)
            {
                var startedAfterwards = Volatile.Read(ref isOver);
                var isLive = await store.GetAsync(IdOf(random.Next(Count))) is not null;
                Assert.False(isLive && startedAfterwards, "A session was read after the call had returned.");
                afterwards += startedAfterwards ? 1 : 0;
            }
        })).ToList();
        var started = TimeProvider.System.GetTimestamp();
        await store.VoidBySubjectAsync("alice");
        Volatile.Write(ref isOver, true);
        var took = TimeProvider.System.GetElapsedTime(started);
        await Task.WhenAll(readers);

        Assert.Equal(1, deletes);
        Assert.Equal(0, await store.CountBySubjectAsync("alice"));
        Assert.NotNull(await store.GetAsync("bob"));
        TestContext.Current.TestOutputHelper!.WriteLine($"{Count} sessions were gone after {took.TotalMilliseconds:F0} ms.");

        static string IdOf(int number) => $"id-{number:D8}";
    }

    [Fact]
    public async Task A_rotation_between_its_steps_does_not_save_a_session()
    {
        var (rotated, left) = await WhileRotatedAsync(joinedLater: false);

        Assert.Equal(SessionWriteStatus.Gone, rotated);
        Assert.Empty(left);
    }

    [Fact]
    public async Task A_later_log_in_lives_also_between_the_steps_of_a_rotation()
    {
        var (rotated, left) = await WhileRotatedAsync(joinedLater: true);

        Assert.Equal(SessionWriteStatus.Written, rotated);
        Assert.Equal(["new"], left);
    }

    [Fact]
    public async Task Rotations_after_the_sessions_were_removed_do_not_save_one()
    {
        var rotator = Open();
        await rotator.CreateAsync("old", Content(subject: "u"));
        await rotator.RotateAsync("old", "new", SessionVersion.Any, Content(subject: "u"));
        var isRemoved = 0;
        var ender = Open(collection: Observe(cluster => cluster.Subscribe<CommandStartedEvent>(started =>
        {
            // As if the command had skipped the place of the new document before it was there, which a server may do.
            if (started.CommandName != "delete" || Interlocked.Exchange(ref isRemoved, 1) == 1)
                return;

            Collection.UpdateOne(new BsonDocument("_id", "new"), new BsonDocument("$rename", new BsonDocument("subject", "hidden")));
        }).Subscribe<CommandSucceededEvent>(succeeded =>
        {
            if (succeeded.CommandName == "delete")
                Collection.UpdateOne(new BsonDocument("_id", "new"), new BsonDocument("$rename", new BsonDocument("hidden", "subject")));
        })));

        await ender.VoidBySubjectAsync("u");

        Assert.Null(await rotator.GetAsync("new"));
    }

    [Fact]
    public async Task A_session_behind_a_link_that_has_joined_later_lives()
    {
        var store = Open();
        await store.CreateAsync("old", Content(subject: "u"));
        await store.RotateAsync("old", "new", SessionVersion.Any, Content(subject: "u"));
        await store.DestroyAsync("new");
        await store.CreateAsync("new", Content(subject: "u"));
        await AgeAsync("new", "joined", -5);

        await store.VoidBySubjectAsync("u");

        Assert.NotNull(await store.GetAsync("new"));
    }

    [Fact]
    public async Task A_session_that_does_not_say_when_it_joined_ends_too()
    {
        var store = Open();
        await PlantAsync(new BsonDocument { { "_id", "older" }, { "session", Json }, { "subject", "u" } });
        await PlantAsync(new BsonDocument { { "_id", "odd" }, { "session", Json }, { "subject", "u" }, { "joined", "yesterday" } });
        await PlantAsync(new BsonDocument { { "_id", "other" }, { "session", Json }, { "subject", "v" } });

        await store.VoidBySubjectAsync("u");

        Assert.Equal(["other"], await store.AllAsync().Select(record => record.Id).ToListAsync());
    }

    [Fact]
    public async Task A_session_that_had_expired_before_is_still_handed_out()
    {
        var store = Open(options => options.AutoRemove = AutoRemove.Interval);
        await store.CreateAsync("expired", Content(subject: "u"));
        await store.CreateAsync("live", Content(subject: "u"));
        await AgeAsync("expired", "expires", 61);

        await store.VoidBySubjectAsync("u");

        Assert.Equal(["expired"], (await store.ClaimExpiredAsync(10, TimeSpan.FromHours(1))).Select(each => each.Session.Id));
        Assert.Null(await store.GetAsync("live"));
    }

    /// <summary>Ends all sessions of a subject when a rotation has left its link and has not stored the session yet.</summary>
    private async Task<(SessionWriteStatus Rotated, List<string> Left)> WhileRotatedAsync(bool joinedLater)
    {
        var ender = Open();
        await ender.CreateAsync("old", Content(subject: "u"));
        if (joinedLater)
            await AgeAsync("old", "joined", -5);

        var steps = 0;
        var rotator = Open(collection: Observe(cluster => cluster.Subscribe<CommandSucceededEvent>(succeeded =>
        {
            if (succeeded.CommandName == "findAndModify" && Interlocked.Increment(ref steps) == 2)
                ender.VoidBySubjectAsync("u").AsTask().GetAwaiter().GetResult();
        })));

        var rotated = await rotator.RotateAsync("old", "new", SessionVersion.Any, Content(subject: "u"));
        return (rotated.Status, await ender.ListBySubjectAsync("u").Select(record => record.Id).ToListAsync());
    }
}
