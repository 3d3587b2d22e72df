using System.Security.Cryptography;
using System.Text.Unicode;
using MongoDB.Bson;

namespace SessionStores.Mongo;

/// <summary>Turns payloads into what is stored as <c>session</c>, and whatever is stored there back into payloads.</summary>
internal sealed class SessionCodec(MongoStoreOptions options)
{
    private readonly IMongoSessionEncryption[] _decryption =
        [.. options.Encryption is null ? [] : (IMongoSessionEncryption[])[options.Encryption], .. options.Decryption];

    /// <summary>Whether a replaced sub-document stays one, so that the BSON types in it survive; encryption leaves none.</summary>
    public bool KeepsSubDocuments => options.Encryption is null;

    /// <param name="payload">A checked payload that nobody changes.</param>
    /// <param name="original">The sub-document that the payload came from, or null.</param>
    /// <param name="cancellationToken">Ends an encryption.</param>
    /// <exception cref="ArgumentException">BSON cannot hold the payload.</exception>
    public async ValueTask<StoredSession> EncodeAsync(ReadOnlyMemory<byte> payload, BsonDocument? original, CancellationToken cancellationToken)
    {
        if (options.TouchAfter > TimeSpan.Zero)
            payload = PayloadMembers.Without(payload, SessionDocument.LastModified);

        if (options.Encryption is { } encryption)
            return StoredSession.OfText(await encryption.EncryptAsync(payload, cancellationToken).ConfigureAwait(false));

        return options.Stringify && original is null
            ? StoredSession.OfText(payload)
            : StoredSession.OfSubDocument(SubDocument.FromJson(payload, original));
    }

    /// <returns>The payload, or null when the value is none that can be read.</returns>
    public async ValueTask<ReadOnlyMemory<byte>?> DecodeAsync(StoredSession stored, CancellationToken cancellationToken)
    {
        if (!stored.IsText)
            return FromSubDocument(stored);

        if (!Utf8.IsValid(stored.Bytes.Span))
            return null;

        if (PayloadMembers.IsObject(stored.Bytes.Span))
            return stored.Bytes;

        foreach (var decryption in _decryption)
        {
            try
            {
                var payload = await decryption.DecryptAsync(stored.ToText(), cancellationToken).ConfigureAwait(false);
                if (PayloadMembers.IsObject(payload.Span))
                    return payload;
            }
            catch (CryptographicException)
            {
                // Another secret or the other format: the next one may fit, and when none does the caller tells so.
            }
        }

        return null;
    }

    private static ReadOnlyMemory<byte>? FromSubDocument(StoredSession stored)
    {
        try
        {
            return SubDocument.ToJson(stored.ToSubDocument()!);
        }
        catch (Exception exception) when (exception is BsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            // BSON that the driver does not take, such as one name twice; the caller tells so.
            return null;
        }
    }
}
