using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SessionStores.Mongo;

/// <summary>The format of connect-mongo's legacy <c>crypto</c> option and of its <c>createKrupteinAdapter</c>.</summary>
/// <remarks>
/// <para>The text is the encoded DER <c>SEQUENCE</c> of six <c>OCTET STRING</c>s: ciphertext, HMAC, IV (12 bytes), salt (128), tag (16),
/// associated data. The first, second and last hold encoded text themselves. AES-256-GCM; key = PBKDF2-HMAC-SHA512(secret, salt, 15,000
/// rounds); HMAC = HMAC-SHA512(key, ciphertext as text). The plaintext is the payload as a JSON string literal.</para>
/// <para>Each read and each write derives a key, which takes some milliseconds of processor time;
/// <see cref="WebCryptoEncryption"/> derives its key once. Other algorithms and hash functions of kruptein are not supported.</para>
/// </remarks>
public sealed class KrupteinEncryption : IMongoSessionEncryption
{
    private const int Iterations = 15_000;
    private const int KeyBytes = 32;
    private const int SaltBytes = 128;
    private const int IvBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _secret;
    private readonly CipherTextEncoding _encoding;

    /// <summary>Creates an encryption with a secret.</summary>
    /// <param name="secret">The secret, used as UTF-8; not empty.</param>
    /// <param name="encoding">The <c>encodeas</c> of the peer; connect-mongo's default is Base64.</param>
    /// <exception cref="ArgumentException">The secret is empty or the encoding is invalid.</exception>
    public KrupteinEncryption(string secret, CipherTextEncoding encoding = CipherTextEncoding.Base64)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        CipherText.ThrowIfInvalid(encoding);
        _secret = Encoding.UTF8.GetBytes(secret);
        _encoding = encoding;
    }

    /// <inheritdoc/>
    public ValueTask<string> EncryptAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Encrypt(payload.Span));
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> DecryptAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return ValueTask.FromResult<ReadOnlyMemory<byte>>(Decrypt(text));
        }
        catch (Exception exception) when (exception is FormatException or AsnContentException or JsonException or ArgumentException)
        {
            throw new CryptographicException("The text is not in kruptein's format.");
        }
    }

    private string Encrypt(ReadOnlySpan<byte> payload)
    {
        var plaintext = ToJsonString(payload);
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var iv = RandomNumberGenerator.GetBytes(IvBytes);
        var key = DeriveKey(salt);
        var associated = HMACSHA512.HashData(RandomNumberGenerator.GetBytes(SaltBytes), plaintext);
        var cipher = new byte[plaintext.Length];
        var tag = new byte[TagBytes];
        using (var aes = new AesGcm(key, TagBytes))
            aes.Encrypt(iv, plaintext, cipher, tag, associated);

        var cipherText = Text(cipher);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteOctetString(cipherText);
            writer.WriteOctetString(Text(HMACSHA512.HashData(key, cipherText)));
            writer.WriteOctetString(iv);
            writer.WriteOctetString(salt);
            writer.WriteOctetString(tag);
            writer.WriteOctetString(Text(associated));
        }

        return CipherText.Encode(_encoding, writer.Encode());
    }

    private byte[] Decrypt(string text)
    {
        var sequence = new AsnReader(CipherText.Decode(_encoding, text), AsnEncodingRules.DER).ReadSequence();
        var cipherText = sequence.ReadOctetString();
        var hmac = sequence.ReadOctetString();
        var iv = sequence.ReadOctetString();
        var salt = sequence.ReadOctetString();
        var tag = sequence.ReadOctetString();
        var associated = sequence.ReadOctetString();
        sequence.ThrowIfNotEmpty();

        var key = DeriveKey(salt);
        if (!CryptographicOperations.FixedTimeEquals(hmac, Text(HMACSHA512.HashData(key, cipherText))))
            throw new CryptographicException("The text was encrypted with another secret, or was changed.");

        var cipher = CipherText.Decode(_encoding, Encoding.ASCII.GetString(cipherText));
        var plaintext = new byte[cipher.Length];
        using (var aes = new AesGcm(key, TagBytes))
            aes.Decrypt(iv, cipher, tag, plaintext, CipherText.Decode(_encoding, Encoding.ASCII.GetString(associated)));

        return FromJsonString(plaintext);
    }

    private byte[] DeriveKey(byte[] salt) => Rfc2898DeriveBytes.Pbkdf2(_secret, salt, Iterations, HashAlgorithmName.SHA512, KeyBytes);

    private byte[] Text(byte[] bytes) => Encoding.ASCII.GetBytes(CipherText.Encode(_encoding, bytes));

    private static byte[] ToJsonString(ReadOnlySpan<byte> payload) =>
        [(byte)'"', .. JsonEncodedText.Encode(payload, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"'];

    /// <summary>A peer that passes an object instead of a text to kruptein has it encoded once.</summary>
    private static byte[] FromJsonString(byte[] plaintext)
    {
        var reader = new Utf8JsonReader(plaintext);
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
            return plaintext;

        var payload = new byte[reader.ValueSpan.Length];
        return payload[..reader.CopyString(payload)];
    }
}
