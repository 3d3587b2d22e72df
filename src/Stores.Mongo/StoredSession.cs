using System.Text;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace SessionStores.Mongo;

/// <summary>The value of the field <c>session</c>: text or a sub-document, and the bytes that stand for it in a version.</summary>
internal readonly struct StoredSession
{
    /// <summary>Marks the bytes of a sub-document. No UTF-8 text begins with it.</summary>
    private const byte SubDocumentMark = 0xFF;

    private StoredSession(BsonValue value, ReadOnlyMemory<byte> bytes)
    {
        Value = value;
        Bytes = bytes;
    }

    /// <summary>The value as it is stored.</summary>
    public BsonValue Value { get; }

    /// <summary>The UTF-8 of a text, or <see cref="SubDocumentMark"/> and the BSON of a sub-document.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public bool IsText => Value is BsonString;

    public static StoredSession OfText(string text) => new(text, Encoding.UTF8.GetBytes(text));

    /// <summary>Takes UTF-8 that nobody changes afterwards.</summary>
    public static StoredSession OfText(ReadOnlyMemory<byte> utf8) => new(Encoding.UTF8.GetString(utf8.Span), utf8);

    public static StoredSession OfSubDocument(BsonDocument document)
    {
        if (document is not RawBsonDocument raw)
            return new(document, (byte[])[SubDocumentMark, .. document.ToBson()]);

        var bytes = new byte[raw.Slice.Length + 1];
        bytes[0] = SubDocumentMark;
        raw.Slice.GetBytes(0, bytes, 1, raw.Slice.Length);
        return new(raw, bytes);
    }

    /// <summary>What a caller loaded. Bytes that this store did not make equal nothing that is stored.</summary>
    public static StoredSession OfVersion(SessionVersion version)
    {
        var bytes = version.Content;
        if (bytes.Length < 6 || bytes.Span[0] != SubDocumentMark || BitConverter.ToInt32(bytes.Span[1..]) != bytes.Length - 1)
            return OfText(bytes);

        return new(new RawBsonDocument(bytes[1..].ToArray()), bytes);
    }

    public SessionVersion Version(string? subject) => SessionVersion.Of(Bytes, subject);

    /// <summary>The sub-document with its values read, or null for a text.</summary>
    public BsonDocument? ToSubDocument() => IsText ? null : BsonSerializer.Deserialize<BsonDocument>(Bytes[1..].ToArray());
}
