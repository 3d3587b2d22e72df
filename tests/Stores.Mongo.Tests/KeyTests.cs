using System.Collections.Concurrent;
using System.Text;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Events;

namespace SessionStores.Mongo.Tests;

/// <summary>The key of a session at the server: a member of the stored session, and a field for the index.</summary>
public sealed class KeyTests(MongoFixture fixture) : MongoTest(fixture)
{
    private const string Small = """{"cookie":{"originalMaxAge":null}}""";

    public static TheoryData<string> Forms => ["text", "sub-document", "WebCrypto", "kruptein"];

    [Fact]
    public async Task A_collection_gets_the_field_and_its_index_only_with_the_option()
    {
        var without = Open();
        await without.CreateAsync("old", Content(subject: "user"));
        var old = await StoredAsync("old");
        Assert.DoesNotContain(await IndexesAsync(), static name => name.Contains("key", StringComparison.Ordinal));
        await Assert.ThrowsAsync<ArgumentException>(() => without.CreateAsync("id", Keyed("k")).AsTask());
        await Assert.ThrowsAsync<NotSupportedException>(() => without.PageByKeyAsync("k").AsTask());
        await Assert.ThrowsAsync<NotSupportedException>(() => without.CountByKeyAsync("k").AsTask());
        await Assert.ThrowsAsync<NotSupportedException>(() => without.DestroyByKeyAsync("k").AsTask());
        Assert.Null(((ISessionStore)without).GetCapability<ISessionKeys>());

        var store = OpenWithKeys();
        await store.CreateAsync("id", Keyed("k"));

        Assert.Equal(["_id_", "key_1__id_1", "moved.until_1", "subject_1__id_1"], await IndexesAsync());
        Assert.Equal("k", (await StoredAsync("id"))!["key"]);
        Assert.Equal(old, await StoredAsync("old"));
        Assert.Null((await store.GetAsync("old"))!.Key);
        Assert.Equal(["id"], await store.ListByKeyAsync("k").Select(static record => record.Id).ToListAsync());
    }

    [Fact]
    public async Task A_session_without_a_key_is_stored_as_it_is_without_the_option()
    {
        var names = new List<string>();
        foreach (var store in (MongoStore[])[Open(), OpenWithKeys()])
        {
            await store.CreateAsync("a", Content(subject: "u"));
            await store.RotateAsync("a", "b", SessionVersion.Any, Content(subject: "u"));
            await store.SetAsync("b", Content(subject: "u"));
            var (link, session) = ((await StoredAsync("a"))!, (await StoredAsync("b"))!);
            Assert.Equal(Json, session["session"]);
            names.Add($"{string.Join(' ', link.Names)}; {string.Join(' ', session.Names)}");
            await store.ClearAsync();
        }

        Assert.Equal(names[0], names[1]);
        Assert.DoesNotContain("key", names[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_option_no_command_names_a_key_and_a_field_of_that_name_is_kept()
    {
        var commands = new ConcurrentQueue<string>();
        var store = Open(collection: Observe(cluster => cluster.Subscribe<CommandStartedEvent>(started => commands.Enqueue(started.Command.ToJson()))));
        await PlantAsync(new BsonDocument { { "_id", "a" }, { "session", Json }, { "key", "theirs" } });

        var replaced = await store.ReplaceAsync("a", (await store.GetAsync("a"))!.Version, Content(subject: "u"));
        await store.RotateAsync("a", "b", replaced.Version, Content(subject: "u"));
        await store.PageBySubjectAsync("u", withPayloads: false);
        Assert.Equal("theirs", (await StoredAsync("b"))!["key"]);
        Assert.False((await StoredAsync("a"))!.Contains("key"));
        await store.SetAsync("b", Content());
        await store.DestroyAsync("b");
        await store.DestroyBySubjectAsync("u");

        // An arrival has the unknown fields of the session in it; listIndexes and createIndexes have keys of their own.
        Assert.DoesNotContain(commands, static command => !command.Contains("ndexes", StringComparison.Ordinal) && command.Replace("\"key\" : \"theirs\"", "", StringComparison.Ordinal).Contains("key\"", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task The_key_is_a_member_of_the_session_in_each_form_and_the_version_covers_it(string form)
    {
        var store = OpenWithKeys(form);
        await store.CreateAsync("id", Keyed("k\"ö"));
        var stored = (await StoredAsync("id"))!;
        Assert.Equal("k\"ö", stored["key"]);
        if (form == "text")
            Assert.Equal("""{"cookie":{"originalMaxAge":null},"__key":"k\"ö"}""", stored["session"]);
        else if (form == "sub-document")
            Assert.Equal("k\"ö", stored["session"]["__key"]);
        else
            Assert.DoesNotContain("__key", stored["session"].AsString, StringComparison.Ordinal);

        var first = (await store.GetAsync("id"))!;
        Assert.Equal(("k\"ö", Small), (first.Key, Text(first)));
        var second = await store.ReplaceAsync("id", first.Version, Keyed("l"));
        Assert.Equal(SessionWriteStatus.Conflict, (await store.ReplaceAsync("id", first.Version, Keyed("m"))).Status);
        var rotated = await store.RotateAsync("id", "new", second.Version, Keyed("n"));

        Assert.Equal(SessionWriteStatus.Written, rotated.Status);
        Assert.Equal(["n"], await store.AllAsync().Select(static record => record.Key).ToListAsync());
        Assert.Equal(["n"], await store.ListByKeyAsync("n", withPayloads: false).Select(static record => record.Key).ToListAsync());
        Assert.Equal(0, await store.CountByKeyAsync("l"));
        Assert.Equal(1, await store.DestroyByKeyAsync("n"));
    }

    [Fact]
    public async Task A_Node_peer_passes_the_key_through()
    {
        var store = OpenWithKeys();
        await store.CreateAsync("id", Keyed("k"));
        await ConnectMongo.SetAsync(Collection, "id", """{"cookie":{"originalMaxAge":null},"__key":"k","views":1}""", In(60));

        var record = Assert.Single(await store.ListByKeyAsync("k").ToListAsync());
        Assert.Equal("""{"cookie":{"originalMaxAge":null},"views":1}""", Text(record));
        Assert.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync("id", record.Version, Keyed("k2"))).Status);
        Assert.Equal("k2", (await StoredAsync("id"))!["key"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_from_which_a_Node_peer_took_its_key_is_not_listed_and_still_ended(bool isSubDocument)
    {
        var store = OpenWithKeys(isSubDocument ? "sub-document" : "text");
        await store.CreateAsync("id", Keyed("k"));
        await ConnectMongo.SetAsync(Collection, "id", isSubDocument ? BsonDocument.Parse(Small) : Small, In(60));

        Assert.Null((await store.GetAsync("id"))!.Key);
        Assert.Empty(await store.ListByKeyAsync("k").ToListAsync());
        Assert.Equal(1, await store.DestroyByKeyAsync("k"));
    }

    [Fact]
    public async Task A_member_that_is_no_text_is_no_key()
    {
        var store = OpenWithKeys();
        await PlantAsync(new BsonDocument { { "_id", "id" }, { "session", new BsonDocument { { "a", 1 }, { "__key", 7 } } }, { "key", 7 } });

        var record = (await store.GetAsync("id"))!;
        Assert.Equal((null, """{"a":1}"""), (record.Key, Text(record)));
        Assert.Equal([null], await store.AllAsync(withPayloads: false).Select(static record => record.Key).ToListAsync());
    }

    [Fact]
    public async Task A_store_without_the_option_reads_the_key_that_another_has_written()
    {
        var store = OpenWithKeys();
        await store.CreateAsync("id", Keyed("k"));
        var without = Open();

        var record = (await without.GetAsync("id"))!;

        Assert.Equal("k", record.Key);
        Assert.Equal((await store.GetAsync("id"))!.Version, record.Version);
        Assert.Equal("k", Assert.Single(await without.AllAsync().ToListAsync()).Key);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task The_largest_payload_has_room_for_the_longest_key(string form)
    {
        var store = OpenWithKeys(form, maxPayloadBytes: 1000);
        var payload = $$"""{"a":"{{new string('x', 1000 - 8)}}"}""";
        foreach (var key in (string[])[new('語', 256), new('"', 256), new('\\', 256)])
        {
            await store.SetAsync("id", Keyed(key, payload));

            var record = (await store.GetAsync("id"))!;
            Assert.Equal((key, payload), (record.Key, Text(record)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_destroy_by_key_ends_a_session_after_each_step_of_a_rotation(int step)
    {
        var ender = OpenWithKeys();
        await ender.CreateAsync("old", Keyed("k"));
        var steps = 0;
        var ended = 0L;
        var rotator = OpenWithKeys(collection: Observe(cluster => cluster.Subscribe<CommandSucceededEvent>(succeeded =>
        {
            if (succeeded.CommandName is "findAndModify" or "update" && Interlocked.Increment(ref steps) == step)
                ended = ender.DestroyByKeyAsync("k").AsTask().GetAwaiter().GetResult();
        })));

        var rotated = await rotator.RotateAsync("old", "new", SessionVersion.Any, Keyed("k"));

        Assert.Equal(1, ended);
        Assert.Equal(step < 3 ? SessionWriteStatus.Gone : SessionWriteStatus.Written, rotated.Status);
        Assert.Empty(await ender.AllAsync().ToListAsync());
    }

    [Fact]
    public async Task A_destroy_by_key_spares_a_session_that_a_rotation_gave_another_key()
    {
        var store = OpenWithKeys();
        await store.CreateAsync("old", Keyed("k"));
        await store.RotateAsync("old", "new", SessionVersion.Any, Keyed("other"));

        Assert.Equal("k", (await StoredAsync("old"))!["key"]);
        Assert.Equal(0, await store.DestroyByKeyAsync("k"));
        Assert.Equal("other", (await store.GetAsync("new"))!.Key);
    }

    [Fact]
    public async Task A_write_without_a_key_drops_it_on_every_path()
    {
        var store = OpenWithKeys();
        foreach (var id in (string[])["replaced", "set", "rotated", "taken"])
            await store.CreateAsync(id, Keyed("k"));

        await Collection.UpdateOneAsync(new BsonDocument("_id", "rotated"), new BsonDocument("$set", new BsonDocument("theirs", 1)));
        await AgeAsync("taken", "expires", 61);
        await store.ReplaceAsync("replaced", SessionVersion.Any, Content());
        await store.SetAsync("set", Content());
        await store.RotateAsync("rotated", "new", SessionVersion.Any, Content());
        await store.CreateAsync("taken", Content());

        foreach (var id in (string[])["replaced", "set", "new", "taken"])
            Assert.False((await StoredAsync(id))!.Contains("key"), id);

        Assert.Equal(1, (await StoredAsync("new"))!["theirs"]);
    }

    [Fact]
    public async Task Work_by_key_is_as_many_commands_as_by_subject()
    {
        var commands = new ConcurrentQueue<string>();
        var store = OpenWithKeys(collection: Observe(cluster => cluster.Subscribe<CommandStartedEvent>(started => commands.Enqueue(started.CommandName))));
        foreach (var id in (string[])["a", "b", "c"])
            await store.CreateAsync(id, Keyed("k"));

        Assert.Equal(["find"], await CommandsOf(() => store.PageByKeyAsync("k", 2)));
        Assert.Equal(["aggregate"], await CommandsOf(() => store.CountByKeyAsync("k")));
        Assert.Equal(["find", "find", "delete"], await CommandsOf(() => store.DestroyByKeyAsync("k", ["b"])));
        Assert.Equal(["find", "delete"], await CommandsOf(() => store.DestroyByKeyAsync("k")));
        Assert.Equal(["find"], await CommandsOf(() => store.DestroyByKeyAsync("k")));
        Assert.Equal(["findAndModify"], await CommandsOf(() => store.CreateAsync("a", Keyed("k"))));
        Assert.Equal(["findAndModify", "findAndModify", "update"], await CommandsOf(() => store.RotateAsync("a", "b", SessionVersion.Any, Keyed("k"))));

        async Task<string[]> CommandsOf<T>(Func<ValueTask<T>> action)
        {
            commands.Clear();
            await action();
            return [.. commands];
        }
    }

    [Fact]
    public async Task An_index_on_keys_with_other_options_is_named_with_what_to_do()
    {
        await Fixture.Database.RunCommandAsync<BsonDocument>(new BsonDocument
        {
            { "createIndexes", Collection.CollectionNamespace.CollectionName },
            { "indexes", new BsonArray { BsonDocument.Parse("{ key: { key: 1, _id: 1 }, name: 'key_1__id_1', unique: true }") } },
        });
        await Open().SetUpAsync();

        var failure = await Assert.ThrowsAsync<SessionStoreException>(() => OpenWithKeys().SetUpAsync().AsTask());

        Assert.Equal(SessionStoreFault.Misconfigured, failure.Fault);
        Assert.Contains("index \"key_1__id_1\"", failure.Message, StringComparison.Ordinal);
        Assert.Contains("partialFilterExpression: { key: { $exists: true } }. Drop it", failure.Message, StringComparison.Ordinal);
    }

    private MongoStore OpenWithKeys(string form = "text", int maxPayloadBytes = SessionArguments.DefaultMaxPayloadBytes, IMongoCollection<BsonDocument>? collection = null) =>
        Open(
            options =>
            {
                options.Keys = true;
                options.MaxPayloadBytes = maxPayloadBytes;
                options.Stringify = form != "sub-document";
                options.Encryption = form switch
                {
                    "WebCrypto" => new WebCryptoEncryption("squirrel"),
                    "kruptein" => new KrupteinEncryption("squirrel"),
                    _ => null,
                };
            },
            collection);

    private SessionContent Keyed(string key, string json = Small) => new(Encoding.UTF8.GetBytes(json), In(60), "user", key);

    private async Task<List<string>> IndexesAsync()
    {
        using var cursor = await Collection.Indexes.ListAsync();
        return [.. (await cursor.ToListAsync()).Select(static index => index["name"].AsString).Order(StringComparer.Ordinal)];
    }
}
