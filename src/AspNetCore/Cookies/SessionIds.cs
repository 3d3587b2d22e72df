using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>Creates and checks session ids.</summary>
internal static class SessionIds
{
    private const int RandomBytes = 24;

    /// <summary>192 random bits in base64url: 32 characters.</summary>
    public static string Generate()
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        RandomNumberGenerator.Fill(random);
        return Encode(random);
    }

    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>Whether every store accepts this id (L16), without an exception.</summary>
    public static bool IsValid(string? id)
    {
        if (string.IsNullOrEmpty(id) || id.Length > SessionArguments.MaxIdLength)
            return false;

        var rest = id.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var consumed) != System.Buffers.OperationStatus.Done || Rune.IsControl(rune))
                return false;

            rest = rest[consumed..];
        }

        return true;
    }
}
