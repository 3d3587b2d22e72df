using System.Buffers.Text;

namespace SessionStores.Mongo;

/// <summary>How encrypted bytes are written as text.</summary>
public enum CipherTextEncoding
{
    /// <summary>Base64, the default of connect-mongo.</summary>
    Base64 = 0,

    /// <summary>Base64 for URLs, without padding.</summary>
    Base64Url = 1,

    /// <summary>Lower-case hexadecimal digits.</summary>
    Hex = 2,
}

internal static class CipherText
{
    public static string Encode(CipherTextEncoding encoding, ReadOnlySpan<byte> bytes) => encoding switch
    {
        CipherTextEncoding.Base64Url => Base64Url.EncodeToString(bytes),
        CipherTextEncoding.Hex => Convert.ToHexStringLower(bytes),
        _ => Convert.ToBase64String(bytes),
    };

    /// <exception cref="FormatException">The text is not in this encoding.</exception>
    public static byte[] Decode(CipherTextEncoding encoding, string text) => encoding switch
    {
        CipherTextEncoding.Base64Url => Base64Url.DecodeFromChars(text),
        CipherTextEncoding.Hex => Convert.FromHexString(text),
        _ => Convert.FromBase64String(text),
    };

    public static void ThrowIfInvalid(CipherTextEncoding encoding)
    {
        if (!Enum.IsDefined(encoding))
            throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "The encoding must be Base64, Base64Url or Hex.");
    }
}
