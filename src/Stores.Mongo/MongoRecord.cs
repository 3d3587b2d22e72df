using System.Text;
using System.Text.Unicode;
using MongoDB.Bson;
using MongoDB.Bson.IO;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Serializers;

namespace SessionStores.Mongo;

/// <summary>The fields of a stored document that the store needs, read from the reply of the server in one pass; other fields are skipped.</summary>
/// <remarks>
/// <c>{ _id: string, session: text or sub-document, expires?: date, subject?: string, joined?: date, key?: string, lastModified?: date, createdAt?: date,
/// updatedAt?: date }</c>. Without <c>expires</c> a session never expires. A link that a rotation left is
/// <c>{ _id: string, session: null, expires: null, subject?: string, joined?: date, key?: string, moved: { to: string, until: date } }</c>, and a
/// reservation for a rotation has <c>by</c> instead of <c>to</c>. The key of a session is the member <c>__key</c> of <c>session</c>; the field
/// <c>key</c> is for the index.
/// </remarks>
internal sealed partial class MongoRecord
{
    /// <summary>Reads <see cref="MongoRecord"/>.</summary>
    public static readonly IBsonSerializer<MongoRecord> Serializer = new Reader();

    private static readonly byte[] NotText = [0xFF];

    private long? _expires;
    private long? _lastModified;
    private long? _joined;
    private long? _now;
    private long? _movedUntil;
    private string? _movedTo;
    private bool _isMoved;
    private bool? _isHeld;

    /// <summary>The text of <c>_id</c>.</summary>
    public string? Id { get; private set; }

    /// <summary>The field <c>session</c>, or null when it is missing or of another type.</summary>
    public Value? Session { get; private set; }

    /// <summary>The UTF-8 of the field <c>subject</c>, or null without it. Of a field of another type, bytes that are not UTF-8.</summary>
    public byte[]? Subject { get; private set; }

    /// <summary>The UTF-8 of the field <c>key</c>, or null when it is missing or of another type.</summary>
    public byte[]? Key { get; private set; }

    /// <summary>The time by the clock of the server when it replied.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

    /// <summary>The expiry of a live document.</summary>
    public DateTimeOffset ExpiresAt => _expires is { } milliseconds ? EpochTime.FromMilliseconds(milliseconds) : SessionExpiry.Never;

    /// <summary>The life that was left when the server replied.</summary>
    public TimeSpan? Remaining => SessionExpiry.Remaining(ExpiresAt, Now);

    /// <summary>Whether the document holds a session, live or not: is neither link nor reservation.</summary>
    public bool IsHeld => _isHeld ?? !_isMoved;

    /// <summary>Whether the expiry has not passed. That of a document whose <c>expires</c> is not a date has.</summary>
    public bool IsUnexpired => _expires is not { } milliseconds || milliseconds > Milliseconds;

    /// <summary>Whether a live session or a reservation had the id.</summary>
    public bool IsTaken { get; private set; }

    /// <summary>Whether the id is reserved for a session that is being rotated.</summary>
    public bool IsReserved { get; private set; }

    /// <summary>The stored id that this one became, while the link is valid.</summary>
    public string? LinkedTo => _movedTo is not null && _movedUntil > Milliseconds ? _movedTo : null;

    /// <summary>How often it was claimed since it expired.</summary>
    public int Claims { get; private set; }

    /// <summary>How much of the life of the link is left.</summary>
    public TimeSpan LinkLeft => TimeSpan.FromMilliseconds(Math.Max(0, (_movedUntil ?? 0) - Milliseconds));

    private long Milliseconds => _now ?? throw new FormatException("The server did not say its time.");

    /// <summary>Whether the document was last written or touched less than a time ago.</summary>
    public bool IsModifiedWithin(TimeSpan time) =>
        time > TimeSpan.Zero && _lastModified is { } milliseconds && Milliseconds - milliseconds < time.TotalMilliseconds;

    public bool HasSubject(string subject) => Is(subject, Subject);

    public bool HasKey(string key) => Is(key, Key);

    /// <summary>Whether the document had got its subject by then, or it is not known when it did.</summary>
    public bool HasJoinedBy(DateTimeOffset instant) => _joined is not { } milliseconds || milliseconds <= instant.ToUnixTimeMilliseconds();

    /// <summary>Converts the document to a record.</summary>
    /// <param name="operation">The operation of the store, for the exception.</param>
    /// <param name="id">The id of the session, which is not always that of the document.</param>
    /// <param name="options">The options, with the encryptions to try.</param>
    /// <param name="cancellationToken">Cancels a decryption.</param>
    /// <exception cref="SessionStoreException">The document is not one of a session (<see cref="SessionStoreFault.Unreadable"/>).</exception>
    public async ValueTask<SessionRecord> ToRecordAsync(string operation, string id, MongoStoreOptions options, CancellationToken cancellationToken)
    {
        if (Session is { } value && TryGetSubject(out var subject)
            && await value.DecodeAsync(subject, options, cancellationToken).ConfigureAwait(false) is { } content)
        {
            return new SessionRecord(id, content.Payload, ExpiresAt, Remaining, subject, value.Version(subject), content.Key);
        }

        throw new SessionStoreException(nameof(MongoStore), operation, SessionStoreFault.Unreadable,
            $"The stored record is not a JSON object of at most 1,000 levels and {options.MaxPayloadBytes} bytes (MaxPayloadBytes) without the member __subject, or its subject is invalid. "
            + "It is left as it is. If it is encrypted, add the encryption to MongoStoreOptions.Decryption.");
    }

    /// <summary>Converts a document that was read without its payload to a record.</summary>
    /// <exception cref="SessionStoreException">The subject is not text (<see cref="SessionStoreFault.Unreadable"/>).</exception>
    public SessionRecord ToRecordWithoutPayload(string operation) => TryGetSubject(out var subject)
        ? new SessionRecord(Id!, default, ExpiresAt, Remaining, subject, default, Key is { } utf8 && Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : null)
        : throw new SessionStoreException(nameof(MongoStore), operation, SessionStoreFault.Unreadable, "The subject of the stored record is not text. The record is left as it is.");

    private static bool Is(string text, byte[]? utf8) => utf8 is not null && utf8.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(text));

    private bool TryGetSubject(out string? subject)
    {
        subject = Subject is { } utf8 && Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : null;
        return (subject is null) == (Subject is null);
    }

    private sealed class Reader : SerializerBase<MongoRecord>
    {
        public override MongoRecord Deserialize(BsonDeserializationContext context, BsonDeserializationArgs args)
        {
            // The driver reads the replies of the server with no other reader.
            var reader = (BsonBinaryReader)context.Reader;
            var found = new MongoRecord();
            reader.ReadStartDocument();
            while (reader.ReadBsonType() is var type && type != BsonType.EndOfDocument)
            {
                var name = reader.ReadName();
                if (name == MongoCommands.Session && type != BsonType.Null)
                    found._isHeld = true;

                switch (name)
                {
                    case MongoCommands.Id when type == BsonType.String:
                        found.Id = reader.ReadString();
                        break;
                    case MongoCommands.Session when type == BsonType.String:
                        found.Session = Value.OfText(ReadUtf8(reader));
                        break;
                    case MongoCommands.Session when type == BsonType.Document:
                        found.Session = Value.OfMarked(ReadMarked(reader));
                        break;
                    case MongoCommands.Subject when type == BsonType.String:
                        found.Subject = ReadUtf8(reader);
                        break;
                    case MongoCommands.Subject when type != BsonType.Null:
                        found.Subject = NotText;
                        reader.SkipValue();
                        break;
                    case MongoCommands.SessionKey when type == BsonType.String:
                        found.Key = ReadUtf8(reader);
                        break;
                    case MongoCommands.Expires:
                        found._expires = ReadDate(reader, type) ?? long.MinValue;
                        break;
                    case MongoCommands.LastModified:
                        found._lastModified = ReadDate(reader, type);
                        break;
                    case MongoCommands.Joined:
                        found._joined = ReadDate(reader, type);
                        break;
                    case MongoCommands.Now:
                        found._now = ReadDate(reader, type);
                        break;
                    case MongoCommands.Held when type == BsonType.Boolean:
                        found._isHeld = reader.ReadBoolean();
                        break;
                    case MongoCommands.Taken when type == BsonType.Boolean:
                        found.IsTaken = reader.ReadBoolean();
                        break;
                    case MongoCommands.Moved when type == BsonType.Document:
                        ReadMoved(reader, found);
                        break;
                    case MongoCommands.Claimed when type == BsonType.Document:
                        found.Claims = BsonSerializer.Deserialize<BsonDocument>(reader).GetValue("count", 0).ToInt32();
                        break;
                    default:
                        reader.SkipValue();
                        break;
                }
            }

            reader.ReadEndDocument();
            return found;
        }

        private static void ReadMoved(BsonBinaryReader reader, MongoRecord found)
        {
            found._isMoved = true;
            reader.ReadStartDocument();
            while (reader.ReadBsonType() is var type && type != BsonType.EndOfDocument)
            {
                switch (reader.ReadName())
                {
                    case "to" when type == BsonType.String:
                        found._movedTo = reader.ReadString();
                        break;
                    case "by" when type == BsonType.ObjectId:
                        reader.SkipValue();
                        found.IsReserved = true;
                        break;
                    case "until":
                        found._movedUntil = ReadDate(reader, type);
                        break;
                    default:
                        reader.SkipValue();
                        break;
                }
            }

            reader.ReadEndDocument();
        }

        private static long? ReadDate(BsonBinaryReader reader, BsonType type)
        {
            if (type == BsonType.DateTime)
                return reader.ReadDateTime();

            reader.SkipValue();
            return null;
        }

        /// <summary>The bytes of a text, which the reader itself returns only as a string.</summary>
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

        /// <summary>The mark of a sub-document and its bytes.</summary>
        private static byte[] ReadMarked(BsonBinaryReader reader)
        {
            var stream = reader.BsonStream;
            var start = stream.Position;
            var marked = new byte[stream.ReadInt32() + 1];
            marked[0] = Value.SubDocumentMark;
            stream.Position = start;
            stream.ReadExactly(marked.AsSpan(1));
            stream.Position = start;
            reader.SkipValue();
            return marked;
        }
    }
}
