using MongoDB.Bson;
using MongoDB.Bson.IO;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Serializers;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <summary>What the store needs of a document, read from the answer of the server in one go; other fields are passed over.</summary>
internal sealed class FoundSession
{
    /// <summary>Reads <see cref="FoundSession"/>.</summary>
    public static readonly IBsonSerializer<FoundSession> Serializer = new Reader();

    /// <summary>Finds one whole document.</summary>
    public static readonly FindOptions<BsonDocument, FoundSession> Whole = new() { Limit = -1, Projection = Builders<BsonDocument>.Projection.As(Serializer) };

    /// <summary>Finds out whether there is a document.</summary>
    public static readonly FindOptions<BsonDocument, FoundSession> Presence = new() { Limit = -1, Projection = Only(SessionDocument.OnlyId) };

    /// <summary>Finds the times of a document.</summary>
    public static readonly FindOptions<BsonDocument, FoundSession> Times = new() { Limit = -1, Projection = Only(SessionDocument.OnlyTimes) };

    /// <summary>Finds the expiry of a document that a slide changed.</summary>
    public static readonly FindOneAndUpdateOptions<BsonDocument, FoundSession> Slid = new() { Projection = Only(SessionDocument.OnlyExpires), ReturnDocument = ReturnDocument.After };

    /// <summary>Finds the expiry of a document that a delete took away.</summary>
    public static readonly FindOneAndDeleteOptions<BsonDocument, FoundSession> Taken = new() { Projection = Only(SessionDocument.OnlyExpires) };

    private const long LastMillisecond = 253_402_300_799_999;

    private static readonly byte[] NoText = [0xFF];

    private long? _expires;
    private long? _lastModified;

    /// <summary>The text of <c>_id</c>.</summary>
    public string? Id { get; private set; }

    /// <summary>The field <c>session</c>, or null when it is missing or of another type.</summary>
    public StoredSession? Session { get; private set; }

    /// <summary>The UTF-8 of the field <c>subject</c>, or null when there is none. Bytes that are no UTF-8 stand for another type.</summary>
    public byte[]? Subject { get; private set; }

    /// <summary>The expiry of a live document.</summary>
    public DateTimeOffset ExpiresAt => _expires is <= LastMillisecond and var milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : SessionExpiry.Never;

    /// <summary>A projection to some fields.</summary>
    public static ProjectionDefinition<BsonDocument, FoundSession> Only(BsonDocument fields) =>
        new BsonDocumentProjectionDefinition<BsonDocument, FoundSession>(fields, Serializer);

    /// <summary>Whether the document is live. An <c>expires</c> that is no date is not.</summary>
    public bool IsLive(DateTimeOffset now) => _expires is not { } milliseconds || milliseconds > now.ToUnixTimeMilliseconds();

    /// <summary>Whether the document was last written or touched less than a time ago.</summary>
    public bool IsModifiedWithin(TimeSpan time, DateTimeOffset now) =>
        _lastModified is { } milliseconds && now.ToUnixTimeMilliseconds() - milliseconds < time.TotalMilliseconds;

    private sealed class Reader : SerializerBase<FoundSession>
    {
        public override FoundSession Deserialize(BsonDeserializationContext context, BsonDeserializationArgs args)
        {
            // The driver reads answers of the server with this reader alone.
            var reader = (BsonBinaryReader)context.Reader;
            var found = new FoundSession();
            reader.ReadStartDocument();
            while (reader.ReadBsonType() is var type && type != BsonType.EndOfDocument)
            {
                switch (reader.ReadName())
                {
                    case SessionDocument.Id when type == BsonType.String:
                        found.Id = reader.ReadString();
                        break;
                    case SessionDocument.Session when type == BsonType.String:
                        found.Session = StoredSession.OfText(ReadUtf8(reader));
                        break;
                    case SessionDocument.Session when type == BsonType.Document:
                        found.Session = StoredSession.OfMarked(ReadMarked(reader));
                        break;
                    case SessionDocument.Subject when type == BsonType.String:
                        found.Subject = ReadUtf8(reader);
                        break;
                    case SessionDocument.Subject when type != BsonType.Null:
                        found.Subject = NoText;
                        reader.SkipValue();
                        break;
                    case SessionDocument.Expires:
                        found._expires = ReadDate(reader, type) ?? long.MinValue;
                        break;
                    case SessionDocument.LastModified:
                        found._lastModified = ReadDate(reader, type);
                        break;
                    default:
                        reader.SkipValue();
                        break;
                }
            }

            reader.ReadEndDocument();
            return found;
        }

        private static long? ReadDate(BsonBinaryReader reader, BsonType type)
        {
            if (type == BsonType.DateTime)
                return reader.ReadDateTime();

            reader.SkipValue();
            return null;
        }

        /// <summary>The bytes of a text, which the reader would only give as a string.</summary>
        private static byte[] ReadUtf8(BsonBinaryReader reader)
        {
            var stream = reader.BsonStream;
            var start = stream.Position;
            var utf8 = new byte[stream.ReadInt32() - 1];
            stream.ReadExactly(utf8);
            stream.Position = start;
            reader.SkipValue();
            return utf8;
        }

        /// <summary>The bytes of a sub-document behind the mark of one.</summary>
        private static byte[] ReadMarked(BsonBinaryReader reader)
        {
            var stream = reader.BsonStream;
            var start = stream.Position;
            var marked = new byte[stream.ReadInt32() + 1];
            marked[0] = StoredSession.SubDocumentMark;
            stream.Position = start;
            stream.ReadExactly(marked.AsSpan(1));
            stream.Position = start;
            reader.SkipValue();
            return marked;
        }
    }
}
