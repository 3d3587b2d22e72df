using System.Text;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace SessionStores.Mongo;

/// <summary>The value of the field <c>session</c>: text or a sub-document, and the bytes that stand for it in a version.</summary>
internal readonly struct StoredSession
{
    /// <summary>Marks the bytes of a sub-document. No UTF-8 text begins with it.</summary>
    public const byte SubDocumentMark = 0xFF;

    private StoredSession(ReadOnlyMemory<byte> bytes, bool isText)
    {
        Bytes = bytes;
        IsText = isText;
    }

    /// <summary>The UTF-8 of a text, or <see cref="SubDocumentMark"/> and the BSON of a sub-document.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public bool IsText { get; }

    public static StoredSession OfText(string text) => new(Encoding.UTF8.GetBytes(text), isText: true);

    /// <summary>Takes UTF-8 that nobody changes afterwards.</summary>
    public static StoredSession OfText(ReadOnlyMemory<byte> utf8) => new(utf8, isText: true);

    public static StoredSession OfSubDocument(BsonDocument document) => OfMarked((byte[])[SubDocumentMark, .. document.ToBson()]);

    /// <summary>Takes the BSON of a sub-document behind <see cref="SubDocumentMark"/>, which nobody changes afterwards.</summary>
    public static StoredSession OfMarked(ReadOnlyMemory<byte> marked) => new(marked, isText: false);

    /// <summary>What a caller loaded. Bytes that this store did not make equal nothing that is stored.</summary>
    public static StoredSession OfVersion(SessionVersion version)
    {
        var bytes = version.Content;
        return bytes.Length < 6 || bytes.Span[0] != SubDocumentMark || BitConverter.ToInt32(bytes.Span[1..]) != bytes.Length - 1
            ? OfText(bytes)
            : OfMarked(bytes);
    }

    public SessionVersion Version(string? subject) => SessionVersion.Of(Bytes, subject);

    public string ToText() => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>The value as it is stored.</summary>
    public BsonValue ToBson() => IsText ? ToText() : new RawBsonDocument(Bytes[1..].ToArray());

    /// <summary>The sub-document with its values read, or null for a text.</summary>
    public BsonDocument? ToSubDocument() => IsText ? null : BsonSerializer.Deserialize<BsonDocument>(Bytes[1..].ToArray());
}
