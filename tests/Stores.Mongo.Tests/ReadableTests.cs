using MongoDB.Bson;
using MongoDB.Driver.Core.Events;

namespace SessionStores.Mongo.Tests;

/// <summary>One rule for what is readable: what could not be saved again is not read, and can be ended all the same.</summary>
public sealed class ReadableTests(MongoFixture fixture) : MongoTest(fixture)
{
    private const int Limit = 10_000;

    public static TheoryData<string> NotSavable => ["deep", "deep sub-document", "long", "long sub-document", "subject member", "subject"];

    [Theory]
    [MemberData(nameof(NotSavable))]
    public async Task A_record_that_could_not_be_saved_is_unreadable_and_can_be_ended(string kind)
    {
        var store = Open(options => options.MaxPayloadBytes = Limit);
        foreach (var id in new[] { "a", "b", "c" })
            await PlantAsync(new BsonDocument { { "_id", id }, { "session", ValueOf(kind) }, { "subject", kind == "subject" ? new string('u', 300) : "u" } });

        var fault = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("a"));
        await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("a", new SlidingExpiry(TimeSpan.MaxValue, In(90))));

        Assert.Equal(SessionStoreFault.Unreadable, fault.Fault);
        Assert.Contains("10000 bytes (MaxPayloadBytes)", fault.Message, StringComparison.Ordinal);
        Assert.Empty(await store.AllAsync().ToListAsync());
        Assert.Empty(await store.ListBySubjectAsync("u").ToListAsync());
        Assert.Equal(3, await store.LengthAsync());
        Assert.True(await store.DestroyAsync("a"));
        Assert.Equal(kind == "subject" ? 0 : 2, await store.DestroyBySubjectAsync("u"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_text_over_the_limit_is_not_sent(bool isEncrypted)
    {
        await PlantAsync(new BsonDocument { { "_id", "a" }, { "session", "{\"a\":\"" + new string('x', 9_000_000) + "\"}" } });
        var longest = 0;
        var collection = Observe(cluster => cluster.Subscribe<CommandSucceededEvent>(succeeded => longest = Math.Max(longest, succeeded.Reply.ToBson().Length)));
        var store = Open(options => options.Encryption = isEncrypted ? new KrupteinEncryption("squirrel") : null, collection);

        var fault = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("a"));
        Assert.Empty(await store.AllAsync().ToListAsync());

        Assert.Equal(SessionStoreFault.Unreadable, fault.Fault);
        Assert.InRange(longest, 1, 5000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_longest_payload_that_can_be_saved_is_read(bool isEncrypted)
    {
        var store = Open(options =>
        {
            options.MaxPayloadBytes = Limit;
            options.Encryption = isEncrypted ? new KrupteinEncryption("squirrel", CipherTextEncoding.Hex) : null;
        });
        var json = "{\"a\":\"" + string.Concat(Enumerable.Repeat("\\\"", (Limit - 8) / 2)) + "\"}";

        await store.CreateAsync("a", Content(json));

        Assert.Equal(json, Text(await store.GetAsync("a")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_text_with_half_a_surrogate_pair_is_read_saved_and_ended_like_any_other(bool stringify)
    {
        const string Json = """{"\ud800":"\udc00x","n":1}""";
        await PlantAsync(new BsonDocument { { "_id", "a" }, { "session", Json }, { "subject", "u" } });
        var store = Open(options => options.Stringify = stringify);

        var record = await store.GetAsync("a");
        var replaced = await store.ReplaceAsync("a", record!.Version, Content(Json.Replace("1}", "2}", StringComparison.Ordinal), subject: "u"));
        var rotated = await store.RotateAsync("a", "b", replaced.Version, Content(Json, subject: "u"));

        Assert.Equal((SessionWriteStatus.Written, SessionWriteStatus.Written), (replaced.Status, rotated.Status));
        Assert.Equal(Json, Text(await store.GetAsync("b")));
        Assert.Single(await store.ListBySubjectAsync("u").ToListAsync());
        Assert.Equal(1, await store.DestroyBySubjectAsync("u"));
    }

    [Fact]
    public async Task A_change_of_a_sub_document_of_many_members_keeps_the_types_of_the_others()
    {
        var session = new BsonDocument(Enumerable.Range(0, 20_000).Select(n => new BsonElement("m" + n, new BsonDateTime(n))));
        await PlantAsync(new BsonDocument { { "_id", "a" }, { "session", session } });
        var store = Open();
        var record = await store.GetAsync("a");

        await store.ReplaceAsync("a", record!.Version, Content(Text(record).Replace("{\"m0\"", "{\"more\":1,\"m0\"", StringComparison.Ordinal)));

        var stored = (await StoredAsync("a"))!["session"].AsBsonDocument;
        Assert.Equal((20_001, new BsonDateTime(19_999)), (stored.ElementCount, stored["m19999"].AsBsonDateTime));
    }

    private static BsonValue ValueOf(string kind) => kind switch
    {
        "deep" => string.Concat(Enumerable.Repeat("{\"a\":", 1001)) + "1" + new string('}', 1001),
        "deep sub-document" => Enumerable.Range(0, 92).Aggregate((BsonValue)1, (inner, _) => new BsonDocument("a", inner)),
        "long" => "{\"a\":\"" + new string('x', Limit) + "\"}",
        "long sub-document" => new BsonDocument("a", new string('x', Limit)),
        "subject member" => """{"\u005f_subject":"x"}""",
        _ => "{}",
    };
}
