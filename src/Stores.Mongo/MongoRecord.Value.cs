using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace SessionStores.Mongo;

/// <content>The field <c>session</c> and its conversion from and to payloads.</content>
internal sealed partial class MongoRecord
{
    /// <summary>The value of the field <c>session</c>: text or a sub-document, and the bytes that identify it in a version.</summary>
    internal readonly struct Value
    {
        /// <summary>Marks the bytes of a sub-document. No UTF-8 text begins with it.</summary>
        public const byte SubDocumentMark = 0xFF;

        private Value(ReadOnlyMemory<byte> bytes, bool isText)
        {
            Bytes = bytes;
            IsText = isText;
        }

        /// <summary>The UTF-8 of a text, or <see cref="SubDocumentMark"/> and the BSON of a sub-document.</summary>
        public ReadOnlyMemory<byte> Bytes { get; }

        public bool IsText { get; }

        public static Value OfText(string text) => new(Encoding.UTF8.GetBytes(text), isText: true);

        /// <summary>Takes UTF-8 that does not change afterwards.</summary>
        public static Value OfText(ReadOnlyMemory<byte> utf8) => new(utf8, isText: true);

        public static Value OfSubDocument(BsonDocument document) => OfMarked((byte[])[SubDocumentMark, .. document.ToBson()]);

        /// <summary>Takes <see cref="SubDocumentMark"/> and the BSON of a sub-document, which do not change afterwards.</summary>
        public static Value OfMarked(ReadOnlyMemory<byte> marked) => new(marked, isText: false);

        /// <summary>The value that a caller loaded. Bytes that this store did not create equal nothing that is stored.</summary>
        public static Value OfVersion(SessionVersion version)
        {
            var bytes = version.Content;
            return bytes.Length < 6 || bytes.Span[0] != SubDocumentMark || BitConverter.ToInt32(bytes.Span[1..]) != bytes.Length - 1
                ? OfText(bytes)
                : OfMarked(bytes);
        }

        /// <summary>Converts a payload to the value to store.</summary>
        /// <param name="payload">A checked payload, with the key if there is one, that does not change.</param>
        /// <param name="loaded">The version that the payload replaces, if one was loaded. If that was a sub-document, the new value is one too, so that the
        /// BSON types in it are kept.</param>
        /// <param name="options">The options.</param>
        /// <param name="cancellationToken">Cancels an encryption.</param>
        /// <exception cref="ArgumentException">BSON cannot hold the payload.</exception>
        public static async ValueTask<Value> EncodeAsync(ReadOnlyMemory<byte> payload, SessionVersion loaded, MongoStoreOptions options, CancellationToken cancellationToken)
        {
            if (options.TouchAfter > TimeSpan.Zero)
                payload = WithoutLastModified(payload);

            if (options.Encryption is { } encryption)
                return OfText(await encryption.EncryptAsync(payload, cancellationToken).ConfigureAwait(false));

            var original = loaded.IsAny ? null : OfVersion(loaded).ToSubDocument();
            if (options.Stringify && original is null)
                return OfText(payload);

            try
            {
                return OfSubDocument(SubDocument.FromJson(payload, original));
            }
            catch (ArgumentException) when (!loaded.IsAny && original is null)
            {
                // It was read as text, so it has to be possible to save it: as text again.
                return OfText(payload);
            }
        }

        /// <summary>Converts the value to a payload.</summary>
        /// <param name="subject">The subject of the record.</param>
        /// <param name="options">The options, with the encryptions to try.</param>
        /// <param name="cancellationToken">Cancels a decryption.</param>
        /// <returns>The payload and the key, or null when the value cannot be read. What could not be saved again is not read.</returns>
        public async ValueTask<(ReadOnlyMemory<byte> Payload, string? Key)?> DecodeAsync(string? subject, MongoStoreOptions options, CancellationToken cancellationToken)
        {
            if (!IsText)
                return FromSubDocument() is { } json ? ContentOf(json) : null;

            if (!Utf8.IsValid(Bytes.Span))
                return null;

            if (ContentOf(Bytes) is { } text)
                return text;

            foreach (var encryption in (IEnumerable<IMongoSessionEncryption>)(options.Encryption is { } current ? [current, .. options.Decryption] : options.Decryption))
            {
                try
                {
                    if (ContentOf(await encryption.DecryptAsync(ToText(), cancellationToken).ConfigureAwait(false)) is { } decrypted)
                        return decrypted;
                }
                catch (CryptographicException)
                {
                    // Another secret or the other format: the next encryption may fit. If none does, the caller reports it.
                }
            }

            return null;

            (ReadOnlyMemory<byte> Payload, string? Key)? ContentOf(ReadOnlyMemory<byte> stored)
            {
                // What is encrypted is no exception, so it must not cost one.
                if (!stored.Span.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
                    return null;

                try
                {
                    var payload = ReservedMember.SplitKey(stored, out var key);
                    SessionArguments.ThrowIfInvalidContent(new SessionContent(payload, SessionLifetime.Never, subject), options.MaxPayloadBytes);
                    return (payload, key);
                }
                catch (Exception exception) when (exception is ArgumentException or JsonException)
                {
                    return null;
                }
            }
        }

        public SessionVersion Version(string? subject) => SessionVersion.Of(Bytes, subject);

        public string ToText() => Encoding.UTF8.GetString(Bytes.Span);

        /// <summary>The value as it is stored.</summary>
        public BsonValue ToBson() => IsText ? ToText() : new RawBsonDocument(Bytes[1..].ToArray());

        /// <summary>The sub-document with its values read, or null for a text.</summary>
        private BsonDocument? ToSubDocument() => IsText ? null : BsonSerializer.Deserialize<BsonDocument>(Bytes[1..].ToArray());

        private ReadOnlyMemory<byte>? FromSubDocument()
        {
            try
            {
                return SubDocument.ToJson(ToSubDocument()!);
            }
            catch (Exception exception) when (exception is BsonException or FormatException or InvalidOperationException or ArgumentException)
            {
                // BSON that the driver does not accept, such as a duplicate name; the caller reports it.
                return null;
            }
        }

        /// <summary>Drops the top-level members of that name and keeps every other byte, as connect-mongo does with <c>touchAfter</c>.</summary>
        private static ReadOnlyMemory<byte> WithoutLastModified(ReadOnlyMemory<byte> payload)
        {
            var members = new JsonMembers(payload.Span);
            var kept = new List<Range>();
            var found = false;
            while (members.MoveNext())
            {
                members.Skip();
                if (members.NameEquals("lastModified"u8))
                    found = true;
                else
                    kept.Add(members.NameStart..members.Position);
            }

            if (!found)
                return payload;

            using var rest = new MemoryStream(payload.Length);
            rest.WriteByte((byte)'{');
            foreach (var member in kept)
            {
                if (rest.Length > 1)
                    rest.WriteByte((byte)',');

                rest.Write(payload.Span[member]);
            }

            rest.WriteByte((byte)'}');
            return rest.ToArray();
        }
    }
}
