using System.Text;
using System.Text.Unicode;
using MongoDB.Bson;
using MongoDB.Bson.IO;
using MongoDB.Bson.Serialization;

namespace SessionStores.Mongo.Tests;

/// <summary>Documents as they come from the server, some of which servers do not let tests store.</summary>
public sealed class MongoRecordTests
{
    private static readonly DateTimeOffset Instant = new(2027, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private static readonly BsonDocument EveryType = new()
    {
        { "double", 1.5 }, { "text", "session" }, { "document", new BsonDocument { { "session", "inner" }, { "expires", "inner" } } }, { "array", new BsonArray { 1, "session" } },
        { "binary", new BsonBinaryData([1, 2, 3]) }, { "undefined", BsonUndefined.Value }, { "objectId", ObjectId.Empty }, { "boolean", true },
        { "date", new BsonDateTime(1) }, { "null", BsonNull.Value }, { "regex", new BsonRegularExpression("session", "i") }, { "code", new BsonJavaScript("session") },
        { "symbol", BsonSymbol.Create("session") }, { "scope", new BsonJavaScriptWithScope("session", new BsonDocument("session", 1)) }, { "int32", 1 },
        { "timestamp", new BsonTimestamp(1) }, { "int64", 1L }, { "decimal", Decimal128.One }, { "min", BsonMinKey.Value }, { "max", BsonMaxKey.Value },
    };

    [Fact]
    public void Other_fields_of_every_type_are_skipped()
    {
        var document = new BsonDocument(EveryType) { { "_id", "a" } };
        document.AddRange(EveryType.Select(field => new BsonElement(field.Name + "2", field.Value)));
        document.AddRange(new BsonDocument { { "session", "{\"ä\":1}" }, { "expires", new BsonDateTime(Instant.ToUnixTimeMilliseconds()) }, { "subject", "ü" }, { "lastModified", new BsonDateTime(Instant.ToUnixTimeMilliseconds()) } });

        var found = ReadAt(document, Instant.AddMilliseconds(-1));
        var later = ReadAt(document, Instant.AddMilliseconds(1000));

        Assert.Equal("a", found.Id);
        Assert.Equal("{\"ä\":1}", found.Session!.Value.ToText());
        Assert.Equal("ü"u8.ToArray(), found.Subject);
        Assert.Equal(Instant, found.ExpiresAt);
        Assert.True(found.IsUnexpired);
        Assert.Equal(TimeSpan.FromMilliseconds(1), found.Remaining);
        Assert.False(ReadAt(document, Instant).IsUnexpired);
        Assert.True(ReadAt(document, Instant.AddMilliseconds(999)).IsModifiedWithin(TimeSpan.FromSeconds(1)));
        Assert.False(later.IsModifiedWithin(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_field_of_a_wrong_type_is_not_used()
    {
        foreach (var value in EveryType.Values)
        {
            var found = ReadAt(new BsonDocument { { "session", value }, { "subject", value }, { "expires", value }, { "lastModified", value }, { "moved", value } }, DateTimeOffset.UnixEpoch);

            Assert.Equal(value.BsonType is BsonType.String or BsonType.Document, found.Session is not null);
            Assert.Equal(value.BsonType is BsonType.String or BsonType.Null, Utf8.IsValid(found.Subject));
            Assert.Equal(value.BsonType is BsonType.DateTime, found.IsUnexpired);
            Assert.Equal(value.BsonType is BsonType.DateTime, found.IsModifiedWithin(TimeSpan.FromSeconds(1)));
        }
    }

    [Fact]
    public void A_sub_document_is_taken_byte_for_byte()
    {
        var found = Read(new BsonDocument { { "session", EveryType }, { "expires", new BsonDateTime(long.MaxValue) } }.ToBson());

        Assert.Equal(EveryType.ToBson(), found.Session!.Value.Bytes[1..].ToArray());
        Assert.Equal(MongoRecord.Value.OfSubDocument(EveryType).Bytes.ToArray(), found.Session.Value.Bytes.ToArray());
        Assert.Equal(SessionExpiry.Never, found.ExpiresAt);
    }

    [Fact]
    public async Task Text_that_is_not_UTF_8_is_not_a_payload()
    {
        var bytes = new BsonDocument { { "session", "{\"a\":\"@\"}" }, { "subject", "@" } }.ToBson();
        bytes.AsSpan().Replace((byte)'@', (byte)0xC0);

        var found = Read(bytes);

        Assert.Null(await found.Session!.Value.DecodeAsync(null, new MongoStoreOptions(), TestContext.Current.CancellationToken));
        Assert.False(Utf8.IsValid(found.Subject));
    }

    [Theory]
    [InlineData("""{"lastModified":1}""", "{}")]
    [InlineData("""{ "a" : 1 , "last\u004dodified":{"x":[1]}, "b":2 }""", """{"a" : 1,"b":2}""")]
    [InlineData("""{"a":{"lastModified":1}}""", """{"a":{"lastModified":1}}""")]
    public async Task With_TouchAfter_a_top_level_member_lastModified_is_dropped_and_the_rest_is_kept(string payload, string stored)
    {
        var options = new MongoStoreOptions { TouchAfter = TimeSpan.FromMinutes(1) };

        var value = await MongoRecord.Value.EncodeAsync(Encoding.UTF8.GetBytes(payload), SessionVersion.Any, options, TestContext.Current.CancellationToken);

        Assert.Equal(stored, value.ToText());
    }

    [Fact]
    public void Without_the_time_of_the_server_nothing_is_live()
    {
        var found = Read(new BsonDocument { { "session", "{}" }, { "expires", new BsonDateTime(long.MaxValue) } }.ToBson());

        Assert.Throws<FormatException>(() => found.IsUnexpired);
        Assert.Throws<FormatException>(() => found.Remaining);
    }

    private static MongoRecord ReadAt(BsonDocument document, DateTimeOffset now) =>
        Read(new BsonDocument(document) { { "now", new BsonDateTime(now.ToUnixTimeMilliseconds()) } }.ToBson());

    private static MongoRecord Read(byte[] document)
    {
        using var reader = new BsonBinaryReader(new MemoryStream(document), new BsonBinaryReaderSettings { Encoding = new UTF8Encoding(false, throwOnInvalidBytes: true) });
        return MongoRecord.Serializer.Deserialize(BsonDeserializationContext.CreateRoot(reader), default);
    }
}
