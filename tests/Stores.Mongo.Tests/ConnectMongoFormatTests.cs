using System.Text;
using MongoDB.Bson;

namespace SessionStores.Mongo.Tests;

public sealed class ConnectMongoFormatTests(MongoFixture fixture) : MongoTest(fixture)
{
    private const string Cookie = """{"cookie":{"originalMaxAge":2592000000,"expires":"2026-12-20T16:""";
    private const string SubCookie = """{"cookie":{"originalMaxAge":2592000000,"partitioned":null,"priority":null,"expires":"2026-12-20T16:""";

    private static KrupteinEncryption Kruptein => new("squirrel");

    private static WebCryptoEncryption WebCrypto => new("sup3r-secr3t");

    [Theory]
    [InlineData("text")]
    [InlineData("sub-document")]
    [InlineData("kruptein")]
    [InlineData("kruptein-sub-document")]
    [InlineData("webcrypto")]
    [InlineData("webcrypto-sub-document")]
    [InlineData("timestamps")]
    public async Task What_connect_mongo_wrote_is_read_whatever_the_store_is_set_to_write(string sample)
    {
        await PlantAsync(Sample(sample));
        Action<MongoStoreOptions>[] settings =
        [
            options => { options.Decryption.Add(Kruptein); options.Decryption.Add(WebCrypto); },
            options => { options.Stringify = false; options.Decryption.Add(WebCrypto); options.Decryption.Add(Kruptein); },
            options => { options.Encryption = Kruptein; options.Decryption.Add(WebCrypto); },
            options => { options.Encryption = WebCrypto; options.Decryption.Add(Kruptein); options.TouchAfter = TimeSpan.FromMinutes(1); options.Timestamps = true; },
        ];

        foreach (var setting in settings)
        {
            var record = await Open(setting).GetAsync("SID1");

            Assert.StartsWith(sample == "sub-document" ? SubCookie : Cookie, Text(record), StringComparison.Ordinal);
            Assert.Equal(Sample(sample)["expires"].AsBsonDateTime.MillisecondsSinceEpoch, record!.ExpiresAt.ToUnixTimeMilliseconds());
            Assert.Null(record.Subject);
        }
    }

    [Fact]
    public async Task A_text_is_returned_byte_for_byte()
    {
        await PlantAsync(Sample("text"));

        Assert.Equal(Sample("text")["session"].AsString, Text(await Open().GetAsync("SID1")));
    }

    [Fact]
    public async Task A_sub_document_is_returned_as_JavaScript_would_write_it()
    {
        await PlantAsync(Sample("sub-document"));

        Assert.EndsWith(
            """Z","secure":null,"httpOnly":true,"domain":null,"path":"/","sameSite":"lax"},"views":1,"big":3000000000,"f":1.5,"at":"1970-01-01T00:00:00.000Z","u":null,"nan":null,"buf":"aGk=","arr":[1,null,"x"],"nested":{"a":null},"oid":"64b7f0c2a1b2c3d4e5f60718","dec":{"$numberDecimal":"1.50"}}""",
            Text(await Open().GetAsync("SID1")),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_replaced_sub_document_keeps_the_types_of_what_was_left_alone(bool stringify)
    {
        var before = Sample("sub-document");
        await PlantAsync(before);
        var store = Open(options => options.Stringify = stringify);
        var record = await store.GetAsync("SID1");
        var changed = Text(record).Replace("\"views\":1", "\"views\":2,\"added\":4000000000", StringComparison.Ordinal).Replace("\"nested\":{\"a\":null}", "\"nested\":{\"a\":null,\"b\":true}", StringComparison.Ordinal);

        var result = await store.ReplaceAsync("SID1", record!.Version, Content(changed));

        Assert.Equal(SessionWriteStatus.Written, result.Status);
        var expected = before["session"].AsBsonDocument.DeepClone().AsBsonDocument;
        expected["views"] = 2;
        expected.InsertAt(2, new BsonElement("added", 4e9));
        expected["nested"] = new BsonDocument { { "a", BsonNull.Value }, { "b", true } };
        Assert.Equal(expected.ToJson(), (await StoredAsync("SID1"))!["session"].ToJson());
        Assert.Equal(result.Version, (await store.GetAsync("SID1"))!.Version);
    }

    [Fact]
    public async Task A_new_session_is_stored_as_connect_mongo_stores_a_text()
    {
        await Open().CreateAsync("a", Content());

        Assert.Equal(new BsonDocument { { "_id", "a" }, { "session", Json }, { "expires", new BsonDateTime(In(60).ToUnixTimeMilliseconds()) } }, await StoredAsync("a"));
    }

    [Fact]
    public async Task A_new_session_is_stored_as_connect_mongo_stores_a_sub_document()
    {
        var store = Open(options => options.Stringify = false);

        await store.CreateAsync("a", Content("""{"cookie":{"originalMaxAge":2592000000,"expires":"2026-12-20T16:43:57.711Z","httpOnly":true,"path":"/"},"views":1,"f":1.5,"z":-0.0,"arr":[1,null,"x"]}"""));

        var expected = new BsonDocument
        {
            { "cookie", new BsonDocument { { "originalMaxAge", 2592000000d }, { "expires", new BsonDateTime(1797785037711) }, { "httpOnly", true }, { "path", "/" } } },
            { "views", 1 },
            { "f", 1.5 },
            { "z", -0.0 },
            { "arr", new BsonArray { 1, BsonNull.Value, "x" } },
        };
        Assert.Equal(expected.ToJson(), (await StoredAsync("a"))!["session"].ToJson());
        Assert.Equal("""{"cookie":{"originalMaxAge":2592000000,"expires":"2026-12-20T16:43:57.711Z","httpOnly":true,"path":"/"},"views":1,"f":1.5,"z":0,"arr":[1,null,"x"]}""", Text(await store.GetAsync("a")));
    }

    [Fact]
    public async Task A_text_is_turned_into_a_sub_document_where_these_are_written()
    {
        await PlantAsync(Sample("text"));
        var store = Open(options => options.Stringify = false);
        var record = await store.GetAsync("SID1");

        await store.ReplaceAsync("SID1", record!.Version, new SessionContent(record.Payload, record.ExpiresAt));

        Assert.Equal(BsonType.Document, (await StoredAsync("SID1"))!["session"].BsonType);
        Assert.Equal(Text(record), Text(await store.GetAsync("SID1")));
    }

    [Fact]
    public async Task An_encrypting_store_writes_what_the_adapter_reads_and_compares_what_is_stored()
    {
        foreach (var encryption in new IMongoSessionEncryption[] { Kruptein, WebCrypto })
        {
            var store = Open(options => { options.Encryption = encryption; options.Stringify = false; });
            await store.SetAsync("a", Content());
            var record = await store.GetAsync("a");
            var replaced = await store.ReplaceAsync("a", record!.Version, Content());

            Assert.Equal(Json, Text(record));
            Assert.Equal(SessionWriteStatus.Written, replaced.Status);
            Assert.Equal(SessionWriteStatus.Conflict, (await store.ReplaceAsync("a", record.Version, Content())).Status);
            Assert.Equal(Json, Encoding.UTF8.GetString((await encryption.DecryptAsync((await StoredAsync("a"))!["session"].AsString)).Span));
        }
    }

    [Fact]
    public async Task A_plain_session_is_encrypted_when_it_is_replaced()
    {
        foreach (var sample in new[] { "text", "sub-document" })
        {
            var document = Sample(sample);
            document["_id"] = sample;
            await PlantAsync(document);
            var store = Open(options => options.Encryption = WebCrypto);
            var record = await store.GetAsync(sample);

            await store.ReplaceAsync(sample, record!.Version, new SessionContent(record.Payload, record.ExpiresAt));

            Assert.DoesNotContain("cookie", (await StoredAsync(sample))!.ToJson(), StringComparison.Ordinal);
            Assert.Equal(record.Payload.ToArray(), (await store.GetAsync(sample))!.Payload.ToArray());
        }
    }

    [Fact]
    public async Task Without_the_secret_an_encrypted_session_is_unreadable_and_stays()
    {
        await PlantAsync(Sample("kruptein"));
        var store = Open(options => { options.Encryption = new KrupteinEncryption("hedgehog"); options.Decryption.Add(WebCrypto); });

        var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.GetAsync("SID1"));

        Assert.Equal(SessionStoreFault.Unreadable, exception.Fault);
        Assert.Equal(Sample("kruptein"), await StoredAsync("SID1"));
    }

    [Fact]
    public async Task A_custom_encryption_is_used()
    {
        var store = Open(options => options.Encryption = new Reversal());

        await store.CreateAsync("a", Content());

        Assert.StartsWith("}1:\"sweiv\"", (await StoredAsync("a"))!["session"].AsString, StringComparison.Ordinal);
        Assert.Equal(Json, Text(await store.GetAsync("a")));
    }

    [Fact]
    public async Task LastModified_is_written_kept_and_dropped_from_the_payload_as_connect_mongo_does()
    {
        var store = Open(options => { options.TouchAfter = TimeSpan.FromMinutes(1); options.Timestamps = true; });
        await store.CreateAsync("a", Content("""{"lastModified":"2026-12-01T00:00:00.000Z","cookie":{},"n":[1, 2] , "lastModified":1,"z":{}}"""));

        var stored = (await StoredAsync("a"))!;
        Assert.Equal("""{"cookie":{},"n":[1, 2],"z":{}}""", stored["session"].AsString);
        Assert.InRange(stored["lastModified"].ToUniversalTime(), Start.AddMinutes(-5).UtcDateTime, Start.AddMinutes(30).UtcDateTime);
        Assert.Equal((stored["lastModified"], stored["lastModified"]), (stored["createdAt"], stored["updatedAt"]));
    }

    [Fact]
    public async Task Without_TouchAfter_a_member_lastModified_is_kept()
    {
        await Open().CreateAsync("a", Content("""{"lastModified":1}"""));

        Assert.Equal("""{"lastModified":1}""", Text(await Open().GetAsync("a")));
        Assert.Equal(3, (await StoredAsync("a"))!.ElementCount);
    }

    private sealed class Reversal : IMongoSessionEncryption
    {
        public ValueTask<string> EncryptAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) =>
            new(new string([.. Encoding.UTF8.GetString(payload.Span).Reverse()]));

        public ValueTask<ReadOnlyMemory<byte>> DecryptAsync(string text, CancellationToken cancellationToken = default) =>
            new(Encoding.UTF8.GetBytes([.. text.Reverse()]));
    }
}
