using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Events;

namespace SessionStores.Mongo.Tests;

/// <summary>The document that a rotation leaves under the old id, and who sees it.</summary>
public sealed class RotationLinkTests(MongoFixture fixture) : MongoTest(fixture)
{
    /// <summary>What connect-mongo finds with <c>get</c> and <c>all</c>.</summary>
    private static BsonDocument LiveForConnectMongo => new("$or", new BsonArray
    {
        new BsonDocument("expires", new BsonDocument("$exists", false)),
        new BsonDocument("expires", new BsonDocument("$gt", new BsonDateTime(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()))),
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_link_has_nothing_of_the_session_but_since_when_it_has_its_subject_and_connect_mongo_does_not_find_it(bool isEncrypted)
    {
        var store = Open(options => options.Encryption = isEncrypted ? new KrupteinEncryption("squirrel") : null);
        await store.CreateAsync("old", Content(subject: "u"));
        var joined = (await StoredAsync("old"))!["joined"];
        await store.RotateAsync("old", "new", SessionVersion.Any, Content(subject: "u"));

        var link = (await StoredAsync("old"))!;
        var until = link["moved"]["until"].ToUniversalTime();
        link["moved"].AsBsonDocument.Remove("until");
        Assert.Equal(
            new BsonDocument { { "_id", "old" }, { "session", BsonNull.Value }, { "expires", BsonNull.Value }, { "subject", "u" }, { "joined", joined }, { "moved", new BsonDocument("to", "new") } }, link);
        Assert.InRange(until, Start.AddMinutes(4).UtcDateTime, Start.AddMinutes(35).UtcDateTime);
        using var cursor = await Collection.FindAsync(LiveForConnectMongo);
        Assert.Equal(["new"], (await cursor.ToListAsync()).Select(found => found["_id"].AsString));
    }

    [Fact]
    public async Task A_link_of_transformed_ids_has_no_id_in_clear()
    {
        var store = Open(options => options.TransformId = static id => "#" + id.Length);
        await store.CreateAsync("old", Content());

        await store.RotateAsync("old", "newer", SessionVersion.Any, Content());

        Assert.Equal("#5", (await StoredAsync("#3"))!["moved"]["to"]);
        Assert.True(await store.DestroyAsync("old"));
        Assert.Null(await store.GetAsync("newer"));
    }

    [Fact]
    public async Task A_link_over_five_minutes_old_is_not_followed_and_is_pruned_without_being_counted()
    {
        var store = Open(options => options.AutoRemove = AutoRemove.Interval);
        await store.CreateAsync("old", Content(subject: "u"));
        await store.RotateAsync("old", "new", SessionVersion.Any, Content());
        await store.CreateAsync("other", Content());
        await store.RotateAsync("other", "newer", SessionVersion.Any, Content());
        await AgeAsync("old", "moved.until", 6);

        Assert.False(await store.DestroyAsync("old"));
        Assert.Equal(0, await store.DestroyBySubjectAsync("u"));
        Assert.Equal(0, await store.PruneAsync());
        Assert.NotNull(await store.GetAsync("new"));
        Assert.Null(await StoredAsync("old"));
        Assert.NotNull(await StoredAsync("other"));
    }

    [Fact]
    public async Task A_touch_of_a_peer_brings_no_link_to_life()
    {
        var store = Open();
        await store.CreateAsync("old", Content(subject: "u"));
        await store.RotateAsync("old", "new", SessionVersion.Any, Content(subject: "u"));
        await Collection.UpdateOneAsync(new BsonDocument("_id", "old"), new BsonDocument("$set", new BsonDocument("expires", new BsonDateTime(In(60).ToUnixTimeMilliseconds()))));

        Assert.Null(await store.GetAsync("old"));
        Assert.False(await store.TouchAsync("old", In(90)));
        Assert.Equal(SessionWriteStatus.Gone, (await store.RotateAsync("old", "newer", SessionVersion.Any, Content())).Status);
        Assert.Equal(1, await store.LengthAsync());
        Assert.Equal(["new"], await store.AllAsync().Select(record => record.Id).ToListAsync());
        Assert.Equal(1, await store.DestroyBySubjectAsync("u"));
        Assert.Equal(SessionWriteStatus.Written, (await store.CreateAsync("old", Content())).Status);
        Assert.False((await StoredAsync("old"))!.Contains("moved"));
    }

    [Fact]
    public async Task A_session_that_a_peer_writes_over_a_link_is_one_and_a_destroy_ends_both()
    {
        var store = Open();
        await store.CreateAsync("old", Content());
        await store.RotateAsync("old", "new", SessionVersion.Any, Content());
        await ConnectMongo.SetAsync(Collection, "old", """{"by":"node"}""", In(60));

        Assert.Equal("""{"by":"node"}""", Text(await store.GetAsync("old")));
        Assert.Equal(SessionWriteStatus.Taken, (await store.CreateAsync("old", Content())).Status);
        Assert.True(await store.DestroyAsync("old"));
        Assert.Equal(0, await store.LengthAsync());
    }

    [Fact]
    public async Task A_replacement_of_what_a_peer_wrote_over_a_link_drops_the_link()
    {
        var store = Open();
        await store.CreateAsync("old", Content());
        await store.RotateAsync("old", "new", SessionVersion.Any, Content());
        await ConnectMongo.SetAsync(Collection, "old", Json, In(60));

        await store.ReplaceAsync("old", (await store.GetAsync("old"))!.Version, Content());

        Assert.False((await StoredAsync("old"))!.Contains("moved"));
        Assert.True(await store.DestroyAsync("old"));
        Assert.NotNull(await store.GetAsync("new"));
    }

    [Fact]
    public async Task A_log_out_between_the_steps_of_a_rotation_ends_the_session_and_the_rotation_learns_it()
    {
        var ender = Open();
        await ender.CreateAsync("old", Content());
        var destroyed = false;
        var steps = 0;
        var rotator = Open(collection: Observe(cluster => cluster.Subscribe<CommandSucceededEvent>(succeeded =>
        {
            // The link is there, the session not yet.
            if (succeeded.CommandName == "findAndModify" && Interlocked.Increment(ref steps) == 2)
                destroyed = ender.DestroyAsync("old").AsTask().GetAwaiter().GetResult();
        })));

        var rotated = await rotator.RotateAsync("old", "new", SessionVersion.Any, Content());

        Assert.True(destroyed);
        Assert.Equal(SessionWriteStatus.Gone, rotated.Status);
        Assert.Null(await ender.GetAsync("new"));
    }

    [Fact]
    public async Task A_log_out_everywhere_between_the_steps_of_a_rotation_ends_the_session()
    {
        var ender = Open();
        await ender.CreateAsync("old", Content(subject: "u"));
        await ender.CreateAsync("other", Content(subject: "u"));
        var ended = 0L;
        var steps = 0;
        var rotator = Open(collection: Observe(cluster => cluster.Subscribe<CommandSucceededEvent>(succeeded =>
        {
            if (succeeded.CommandName == "findAndModify" && Interlocked.Increment(ref steps) == 2)
                ended = ender.DestroyBySubjectAsync("u").AsTask().GetAwaiter().GetResult();
        })));

        var rotated = await rotator.RotateAsync("old", "new", SessionVersion.Any, Content(subject: "u"));

        Assert.Equal(2, ended);
        Assert.Equal(SessionWriteStatus.Gone, rotated.Status);
        Assert.Empty(await ender.ListBySubjectAsync("u").ToListAsync());
    }

    [Fact]
    public async Task A_log_out_everywhere_finds_what_rotated_after_it_had_listed_the_sessions()
    {
        var rotator = Open();
        await rotator.CreateAsync("old", Content(subject: "u"));
        await rotator.CreateAsync("kept", Content(subject: "u"));
        var isListed = 0;
        var ender = Open(collection: Observe(cluster => cluster.Subscribe<CommandSucceededEvent>(succeeded =>
        {
            if (succeeded.CommandName != "find" || Interlocked.Exchange(ref isListed, 1) == 1)
                return;

            rotator.RotateAsync("old", "new", SessionVersion.Any, Content(subject: "u")).AsTask().GetAwaiter().GetResult();
            rotator.RotateAsync("new", "newer", SessionVersion.Any, Content(subject: "u")).AsTask().GetAwaiter().GetResult();
            rotator.RotateAsync("kept", "kept2", SessionVersion.Any, Content(subject: "u")).AsTask().GetAwaiter().GetResult();
        })));

        var ended = await ender.DestroyBySubjectAsync("u", ["kept"]);

        Assert.Equal(1, ended);
        Assert.Equal(["kept2"], await rotator.ListBySubjectAsync("u").Select(record => record.Id).ToListAsync());
    }

    [Fact]
    public async Task A_log_out_everywhere_ends_documents_that_cannot_be_read_and_leaves_those_of_others()
    {
        var store = Open();
        await PlantAsync(new BsonDocument { { "_id", "bad" }, { "session", 42 }, { "subject", "u" } });
        await PlantAsync(new BsonDocument { { "_id", "worse" }, { "session", "{\"a\":" }, { "subject", "u" }, { "expires", new BsonDateTime(In(60).ToUnixTimeMilliseconds()) } });
        await store.CreateAsync("good", Content(subject: "u"));
        await store.CreateAsync("Good", Content(subject: "u"));
        await store.CreateAsync("theirs", Content(subject: "U"));

        Assert.Equal(3, await store.DestroyBySubjectAsync("u", ["good", "none"]));

        Assert.Equal(["good", "theirs"], await store.AllAsync().Select(record => record.Id).ToListAsync());
        Assert.Null(await StoredAsync("bad"));
    }

    [Fact]
    public async Task A_log_out_everywhere_leaves_a_session_that_was_rotated_to_another_subject()
    {
        var store = Open();
        await store.CreateAsync("old", Content(subject: "u"));
        await store.RotateAsync("old", "new", SessionVersion.Any, Content(subject: "v"));

        Assert.Equal(0, await store.DestroyBySubjectAsync("u"));
        Assert.NotNull(await store.GetAsync("new"));
    }
}
