using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo.Tests;

public sealed class ShapeTests(MongoFixture fixture) : MongoTest(fixture)
{
    private static readonly BsonDateTime Later = new(new DateTimeOffset(2100, 12, 31, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds());

    public static TheoryData<string> WrongShapes => new()
    {
        "{ }", "{ session: null }", "{ session: 42 }", "{ session: true }", "{ session: [1] }", "{ session: '' }", "{ session: 'null' }",
        "{ session: '[]' }", "{ session: '{\"a\":' }", "{ session: '{} {}' }", "{ session: 'text' }", "{ session: '{}', subject: 7 }",
        "{ session: '{}', subject: ['a'] }", "{ session: ObjectId('64b7f0c2a1b2c3d4e5f60718') }",
    };

    [Theory]
    [MemberData(nameof(WrongShapes))]
    public async Task A_document_of_a_wrong_shape_is_unreadable_and_left_as_it_is(string json)
    {
        var document = new BsonDocument { { "_id", "a" }, { "expires", Later } }.AddRange(BsonDocument.Parse(json));
        await PlantAsync(document);
        var store = Open();

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("a"));

        Assert.Equal(SessionStoreFault.Unreadable, exception.Fault);
        Assert.Equal("Get", exception.Operation);
        Assert.Equal(document, await StoredAsync("a"));
        Assert.Empty(await store.AllAsync().ToListAsync());
        Assert.Equal(SessionWriteStatus.Taken, (await store.CreateAsync("a", Content())).Status);
        Assert.True(await store.DestroyAsync("a"));
    }

    [Fact]
    public async Task A_document_without_expires_lives_for_ever_and_no_touch_ends_that()
    {
        await ConnectMongo.SetAsync(Collection, "a", Json, expiresAt: null);
        var store = Open();

        var record = await store.GetAsync("a", new SlidingExpiry(TimeSpan.MaxValue, In(5)));
        var touched = await store.TouchAsync("a", In(5));

        Assert.Equal(SessionExpiry.Never, record!.ExpiresAt);
        Assert.True(touched);
        Assert.False((await StoredAsync("a"))!.Contains("expires"));
        Assert.Equal(1, await store.LengthAsync());
        Assert.Equal(0, await store.PruneAsync());
        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("a", record.Version, Content())).Status);
        Assert.Equal(In(60), (await store.GetAsync("a"))!.ExpiresAt);
    }

    [Fact]
    public async Task A_session_that_never_expires_has_no_expires()
    {
        var store = Open();
        await store.CreateAsync("a", Content());

        await store.TouchAsync("a", SessionExpiry.Never);

        Assert.False((await StoredAsync("a"))!.Contains("expires"));
        Assert.Equal(SessionExpiry.Never, (await store.GetAsync("a"))!.ExpiresAt);
    }

    [Fact]
    public async Task An_expires_that_is_no_date_means_not_live_as_in_connect_mongo()
    {
        foreach (var expires in new BsonValue[] { BsonNull.Value, "2030-01-01T00:00:00.000Z", 4e12 })
        {
            await Collection.DeleteManyAsync(new BsonDocument());
            await PlantAsync(new BsonDocument { { "_id", "a" }, { "session", Json }, { "expires", expires } });
            var store = Open();

            Assert.Null(await store.GetAsync("a"));
            Assert.Equal(0, await store.LengthAsync());
            Assert.False(await store.TouchAsync("a", In(60)));
            Assert.Equal(SessionWriteStatus.Written, (await store.CreateAsync("a", Content())).Status);
        }
    }

    [Theory]
    [InlineData("{ $gt: '' }")]
    [InlineData("{\"$ne\":null}")]
    [InlineData("$where")]
    [InlineData("a.b.$c")]
    [InlineData("[object Object]")]
    public async Task An_id_that_looks_like_an_operator_is_text(string id)
    {
        var store = Open();
        await store.CreateAsync("other", Content());

        Assert.Null(await store.GetAsync(id));
        Assert.False(await store.DestroyAsync(id));
        Assert.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, Content(subject: id))).Status);
        Assert.Equal(id, (await store.GetAsync(id))!.Id);
        Assert.Equal([id], await store.ListBySubjectAsync(id).Select(record => record.Id).ToListAsync());
        Assert.NotNull(await store.GetAsync("other"));
    }

    [Fact]
    public async Task A_sub_document_that_looks_like_an_operator_is_compared_as_a_value()
    {
        await PlantAsync(new BsonDocument { { "_id", "a" }, { "session", new BsonDocument("gt", 1) }, { "expires", Later } });
        var store = Open(options => options.Stringify = false);
        var record = await store.GetAsync("a");
        await store.SetAsync("a", Content("""{"gt":2}"""));

        Assert.Equal(SessionWriteStatus.Conflict, (await store.ReplaceAsync("a", record!.Version, Content())).Status);
    }

    [Fact]
    public async Task Documents_with_an_id_of_another_type_are_not_sessions()
    {
        await PlantAsync(new BsonDocument { { "_id", ObjectId.GenerateNewId() }, { "session", Json }, { "expires", Later } });
        var store = Open();
        await store.CreateAsync("a", Content());

        Assert.Equal(["a"], await store.AllAsync().Select(record => record.Id).ToListAsync());
        Assert.Equal(1, await store.LengthAsync());
        await store.ClearAsync();
        Assert.Equal(1, await Collection.CountDocumentsAsync(new BsonDocument()));
    }

    [Fact]
    public async Task Unknown_fields_are_kept_by_a_replacement_and_a_rotation()
    {
        await PlantAsync(new BsonDocument { { "_id", "a" }, { "session", Json }, { "expires", Later }, { "theirs", new BsonDocument("x", 1) } });
        var store = Open();
        var record = await store.GetAsync("a");

        var replaced = await store.ReplaceAsync("a", record!.Version, Content(subject: "u"));
        await store.RotateAsync("a", "b", replaced.Version, Content());

        var stored = (await StoredAsync("b"))!;
        Assert.Equal(new BsonDocument("x", 1), stored["theirs"]);
        Assert.False(stored.Contains("subject"));
        Assert.False((await StoredAsync("a"))!.Contains("theirs"));
    }

    [Fact]
    public async Task What_BSON_cannot_hold_is_refused_before_anything_is_written()
    {
        var store = Open(options => options.Stringify = false);
        await store.CreateAsync("a", Content());
        var version = (await store.GetAsync("a"))!.Version;
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 120)) + "1" + new string('}', 120);

        foreach (var json in new[] { deep, """{"a\u0000b":1}""", """{"a":"\ud800"}""", """{"\ud800":1}""" })
        {
            var exception = await Assert.ThrowsAsync<ArgumentException>(async () => await store.ReplaceAsync("a", version, Content(json)));
            Assert.Contains("sub-document", exception.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<ArgumentException>(async () => await store.RotateAsync("a", "b", version, Content(json)));
        }

        Assert.Equal(version, (await store.GetAsync("a"))!.Version);
    }
}
