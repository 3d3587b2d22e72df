using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>Signs ids as the npm package cookie-signature does: <c>id.base64(HMAC-SHA256(secret, id))</c> without padding.</summary>
internal static class CookieSignature
{
    /// <summary>The characters of a signature.</summary>
    public const int Length = 43;

    private const int PaddedLength = 44;

    /// <summary>Writes the 43 characters that sign an id.</summary>
    public static void Sign(ReadOnlySpan<byte> id, SessionSecret secret, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        secret.Hash(id, hash);
        Span<byte> padded = stackalloc byte[PaddedLength];
        Base64.EncodeToUtf8(hash, padded, out _, out _);
        padded[..Length].CopyTo(signature);
    }

    /// <summary>Signs an id and returns the cookie value before encoding: <c>s:id.signature</c>.</summary>
    public static string Sign(string id, SessionSecret secret)
    {
        Span<byte> signature = stackalloc byte[Length];
        Sign(Encoding.UTF8.GetBytes(id), secret, signature);
        return $"s:{id}.{Encoding.ASCII.GetString(signature)}";
    }

    /// <summary>Verifies what follows <c>s:</c> and returns the bytes of the id; the comparison takes the same time for every signature.</summary>
    public static bool TryVerify(ReadOnlySpan<byte> signed, IReadOnlyList<SessionSecret> secrets, out ReadOnlySpan<byte> id)
    {
        id = default;
        var dot = signed.LastIndexOf((byte)'.');
        if (dot <= 0 || signed.Length - dot - 1 != Length)
            return false;

        var claimed = signed[(dot + 1)..];
        Span<byte> expected = stackalloc byte[Length];
        for (var index = 0; index < secrets.Count; index++)
        {
            Sign(signed[..dot], secrets[index], expected);
            if (!CryptographicOperations.FixedTimeEquals(expected, claimed))
                continue;

            id = signed[..dot];
            return true;
        }

        return false;
    }
}
