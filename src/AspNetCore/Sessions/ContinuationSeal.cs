using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>Seals the continuations of a store for their way to a browser and back: they can contain the id of a session. AES-256-GCM with keys of the
/// secrets of the set; the first seals, all open.</summary>
internal sealed class ContinuationSeal(IReadOnlyList<SessionSecret> secrets)
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private static readonly byte[] Purpose = "SessionStores continuation"u8.ToArray();

    public string? Seal(string? continuation)
    {
        if (continuation is null)
            return null;

        var text = Encoding.UTF8.GetBytes(continuation);
        var output = new byte[NonceLength + TagLength + text.Length];
        var nonce = output.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = CipherOf(secrets[0]);
        cipher.Encrypt(nonce, text, output.AsSpan(NonceLength + TagLength), output.AsSpan(NonceLength, TagLength));
        return Base64Url.EncodeToString(output);
    }

    /// <returns>Null for null, and for a text that this set has not sealed: what a browser sends back can have been changed.</returns>
    public string? Open(string? continuation)
    {
        if (continuation is not null && Base64Url.IsValid(continuation) && Base64Url.DecodeFromChars(continuation) is { Length: > NonceLength + TagLength } input)
        {
            var text = new byte[input.Length - NonceLength - TagLength];
            foreach (var secret in secrets)
            {
                using var cipher = CipherOf(secret);
                try
                {
                    cipher.Decrypt(input.AsSpan(0, NonceLength), input.AsSpan(NonceLength + TagLength), input.AsSpan(NonceLength, TagLength), text);
                    return Encoding.UTF8.GetString(text);
                }
                catch (AuthenticationTagMismatchException)
                {
                    // Another secret may have sealed it.
                }
            }
        }

        return null;
    }

    private static AesGcm CipherOf(SessionSecret secret)
    {
        Span<byte> key = stackalloc byte[HMACSHA256.HashSizeInBytes];
        secret.Hash(Purpose, key);
        return new AesGcm(key, TagLength);
    }
}
