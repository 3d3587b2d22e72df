using System.Security.Cryptography;
using System.Text;

namespace SessionStores.Mongo;

/// <summary>The format of connect-mongo's <c>createWebCryptoAdapter</c>.</summary>
/// <remarks>The text is the encoding of IV, ciphertext and tag. Key = PBKDF2-HMAC-SHA256(secret, salt, iterations), derived on first
/// use and kept. The plaintext is the payload.</remarks>
public sealed class WebCryptoEncryption : IMongoSessionEncryption
{
    /// <summary>The default salt of connect-mongo.</summary>
    public const string DefaultSalt = "connect-mongo:webcrypto-default-salt";

    /// <summary>The default iterations of connect-mongo.</summary>
    public const int DefaultIterations = 310_000;

    private const int GcmIvBytes = 12;
    private const int CbcIvBytes = 16;
    private const int TagBytes = 16;

    private readonly WebCryptoAlgorithm _algorithm;
    private readonly CipherTextEncoding _encoding;
    private readonly Lazy<Task<byte[]>> _key;

    /// <summary>Creates an encryption with a secret. The values must be those of the peer.</summary>
    /// <param name="secret">The secret, used as UTF-8; not empty.</param>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="encoding">How the bytes are written as text.</param>
    /// <param name="salt">The salt, used as UTF-8.</param>
    /// <param name="iterations">The rounds of the key derivation: 1 to 100,000,000.</param>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public WebCryptoEncryption(
        string secret,
        WebCryptoAlgorithm algorithm = WebCryptoAlgorithm.AesGcm,
        CipherTextEncoding encoding = CipherTextEncoding.Base64,
        string salt = DefaultSalt,
        int iterations = DefaultIterations)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        ArgumentNullException.ThrowIfNull(salt);
        CipherText.ThrowIfInvalid(encoding);
        if (!Enum.IsDefined(algorithm))
            throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "The algorithm must be AesGcm or AesCbc.");

        if (iterations is < 1 or > 100_000_000)
            throw new ArgumentOutOfRangeException(nameof(iterations), iterations, "The iterations must be 1 to 100,000,000.");

        _algorithm = algorithm;
        _encoding = encoding;
        var password = Encoding.UTF8.GetBytes(secret);
        var saltBytes = Encoding.UTF8.GetBytes(salt);
        _key = new(() => Task.Run(() => Rfc2898DeriveBytes.Pbkdf2(password, saltBytes, iterations, HashAlgorithmName.SHA256, 32)));
    }

    /// <inheritdoc/>
    public async ValueTask<string> EncryptAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        var key = await _key.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        return CipherText.Encode(_encoding, _algorithm == WebCryptoAlgorithm.AesGcm ? EncryptGcm(key, payload.Span) : EncryptCbc(key, payload.Span));
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> DecryptAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var key = await _key.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var bytes = CipherText.Decode(_encoding, text);
            return _algorithm == WebCryptoAlgorithm.AesGcm ? DecryptGcm(key, bytes) : DecryptCbc(key, bytes);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw new CryptographicException("The text is not in the Web Crypto format.");
        }
    }

    private static byte[] EncryptGcm(byte[] key, ReadOnlySpan<byte> payload)
    {
        var bytes = new byte[GcmIvBytes + payload.Length + TagBytes];
        var iv = bytes.AsSpan(0, GcmIvBytes);
        RandomNumberGenerator.Fill(iv);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(iv, payload, bytes.AsSpan(GcmIvBytes, payload.Length), bytes.AsSpan(GcmIvBytes + payload.Length));
        return bytes;
    }

    private static byte[] DecryptGcm(byte[] key, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < GcmIvBytes + TagBytes)
            throw new FormatException();

        var payload = new byte[bytes.Length - GcmIvBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(bytes[..GcmIvBytes], bytes[GcmIvBytes..^TagBytes], bytes[^TagBytes..], payload);
        return payload;
    }

    private static byte[] EncryptCbc(byte[] key, ReadOnlySpan<byte> payload)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        var iv = RandomNumberGenerator.GetBytes(CbcIvBytes);
        return [.. iv, .. aes.EncryptCbc(payload, iv)];
    }

    private static byte[] DecryptCbc(byte[] key, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2 * CbcIvBytes)
            throw new FormatException();

        using var aes = Aes.Create();
        aes.Key = key;
        return aes.DecryptCbc(bytes[CbcIvBytes..], bytes[..CbcIvBytes]);
    }
}
