using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo.Tests;

public sealed class MongoSetUpTests(MongoFixture fixture) : MongoTest(fixture)
{
    [Fact]
    public async Task The_indexes_are_connect_mongos_one_for_links_and_one_for_subjects_and_setting_up_twice_changes_nothing()
    {
        var store = Open(options => options.AutoRemove = AutoRemove.Native);

        await store.SetUpAsync();
        var first = await IndexesAsync();
        await store.SetUpAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => await Open(options => options.AutoRemove = AutoRemove.Native).SetUpAsync()));

        Assert.Equal(["_id_", "expires_1", "moved.until_1", "subject_1__id_1"], first.Select(index => index["name"].AsString).Order(StringComparer.Ordinal));
        var expires = first.Single(index => index["name"] == "expires_1");
        Assert.Equal(new BsonDocument("expires", 1), expires["key"]);
        Assert.Equal(0, expires["expireAfterSeconds"].ToInt32());
        var moved = first.Single(index => index["name"] == "moved.until_1");
        Assert.Equal((0, true), (moved["expireAfterSeconds"].ToInt32(), moved["sparse"].ToBoolean()));
        Assert.Equal(first.Count, (await IndexesAsync()).Count);
    }

    [Fact]
    public async Task The_first_write_sets_up_and_a_read_does_not()
    {
        var store = Open(options => options.AutoRemove = AutoRemove.Native);

        await store.GetAsync("a");
        var before = await IndexesAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async n => await store.CreateAsync($"a{n}", Content())));

        Assert.Empty(before);
        Assert.Equal(4, (await IndexesAsync()).Count);
    }

    [Fact]
    public async Task What_connect_mongo_set_up_fits_and_the_other_way_round()
    {
        await ConnectMongo.SetUpAsync(Collection);

        await Open(options => options.AutoRemove = AutoRemove.Native).SetUpAsync();
        await ConnectMongo.SetUpAsync(Collection);

        Assert.Equal(4, (await IndexesAsync()).Count);
    }

    [Theory]
    [InlineData(AutoRemove.Interval, false)]
    [InlineData(AutoRemove.Disabled, true)]
    public async Task Without_native_removal_there_is_no_index_on_expires_and_one_on_links_unless_they_are_pruned(AutoRemove autoRemove, bool removesLinks)
    {
        await Open(options => options.AutoRemove = autoRemove).SetUpAsync();

        var indexes = await IndexesAsync();
        Assert.DoesNotContain(indexes, index => index["key"].AsBsonDocument.Contains("expires"));
        Assert.Equal(removesLinks, indexes.Exists(index => index["key"].AsBsonDocument.Contains("moved.until")));
    }

    public static TheoryData<string, string> Conflicts => new()
    {
        { "{ key: { expires: 1 }, name: 'expires_1' }", "expires_1" },
        { "{ key: { expires: 1 }, name: 'mine', expireAfterSeconds: 3600 }", "mine" },
        { "{ key: { other: 1 }, name: 'expires_1' }", "expires_1" },
        { "{ key: { expires: 1 }, name: 'expires_1', expireAfterSeconds: 0, unique: true }", "expires_1" },
        { "{ key: { 'moved.until': 1 }, name: 'moved.until_1', expireAfterSeconds: 60 }", "moved.until_1" },
        { "{ key: { subject: 1 }, name: 'subject_1', unique: true }", "subject_1" },
        { "{ key: { subject: 1, _id: 1 }, name: 'subject_1__id_1', unique: true }", "subject_1__id_1" },
        { "{ key: { subject: 1, _id: 1 }, name: 'mine', partialFilterExpression: { subject: { $gt: 'm' } } }", "mine" },
        { "{ key: { subject: 1, other: 1 }, name: 'subject_1__id_1' }", "subject_1__id_1" },
    };

    [Theory]
    [MemberData(nameof(Conflicts))]
    public async Task An_index_with_other_options_is_named_with_what_to_do_and_dropping_it_is_enough(string index, string name)
    {
        await CreateIndexAsync(index);
        var store = Open(options => options.AutoRemove = AutoRemove.Native);

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.CreateAsync("a", Content()));
        await Collection.Indexes.DropOneAsync(name);
        var created = await store.CreateAsync("a", Content());

        Assert.Equal(SessionStoreFault.Misconfigured, exception.Fault);
        Assert.Contains($"index \"{name}\"", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Drop it", exception.Message, StringComparison.Ordinal);
        Assert.Equal(SessionWriteStatus.Written, created.Status);
    }

    [Fact]
    public async Task A_prepared_index_of_another_name_fits()
    {
        await CreateIndexAsync("{ key: { expires: 1 }, name: 'mine', expireAfterSeconds: 0 }");
        await CreateIndexAsync("{ key: { subject: 1 }, name: 'theirs' }");

        await Open(options => options.AutoRemove = AutoRemove.Native).SetUpAsync();

        Assert.Equal(4, (await IndexesAsync()).Count);
    }

    [Theory]
    [InlineData("{ key: { subject: 1 }, name: 'subject_1', sparse: true }")]
    [InlineData("{ key: { subject: 1, _id: 1 }, name: 'mine' }")]
    public async Task An_index_on_subjects_that_is_there_remains_the_only_one_and_pages_use_it(string index)
    {
        await CreateIndexAsync(index);
        var store = Open(options => options.AutoRemove = AutoRemove.Native);
        foreach (var id in (string[])["c", "a", "$b", "d"])
            await store.CreateAsync(id, Content(subject: "ann"));

        var first = await store.PageBySubjectAsync("ann", 2);
        var second = await store.PageBySubjectAsync("ann", 2, first.Continuation);

        Assert.Single(await IndexesAsync(), static found => found["key"].AsBsonDocument.Contains("subject"));
        Assert.Equal(["$b", "a", "c", "d"], first.Sessions.Concat(second.Sessions).Select(static session => session.Id));
    }

    private Task<BsonDocument> CreateIndexAsync(string index) => Fixture.Database.RunCommandAsync<BsonDocument>(new BsonDocument
    {
        { "createIndexes", Collection.CollectionNamespace.CollectionName },
        { "indexes", new BsonArray { BsonDocument.Parse(index) } },
    });

    private async Task<List<BsonDocument>> IndexesAsync()
    {
        using var cursor = await Collection.Indexes.ListAsync();
        return await cursor.ToListAsync();
    }
}
