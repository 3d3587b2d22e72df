namespace SessionStores.Mongo;

/// <summary>Encrypts a payload as the text that is stored as <c>session</c>, and decrypts it: the counterpart of connect-mongo's
/// <c>cryptoAdapter</c>.</summary>
/// <remarks>Implementations must be thread-safe. <see cref="KrupteinEncryption"/> and
/// <see cref="WebCryptoEncryption"/> share their formats with connect-mongo.</remarks>
public interface IMongoSessionEncryption
{
    /// <summary>Encrypts a payload.</summary>
    /// <param name="payload">A UTF-8 JSON object.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The text to store.</returns>
    ValueTask<string> EncryptAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default);

    /// <summary>Decrypts a stored text.</summary>
    /// <param name="text">The stored text, which another writer may have written.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The payload.</returns>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The text is not of this format, was encrypted with another
    /// secret, or was changed. The message must not quote it.</exception>
    ValueTask<ReadOnlyMemory<byte>> DecryptAsync(string text, CancellationToken cancellationToken = default);
}
