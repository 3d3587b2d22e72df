namespace SessionStores.AspNetCore;

/// <summary>Finds secrets that can be guessed: who knows the secret can sign any id.</summary>
internal static class SecretStrength
{
    private const int LeastBytes = 32;
    private const int LeastDifferentBytes = 8;

    /// <summary>Words of placeholders. Each has at least six letters, so that random text practically never contains one.</summary>
    private static readonly byte[][] Words =
        [.. new[]
        {
            "change", "secret", "session", "password", "placeholder", "example", "keyboard", "openssl", "default", "replace", "insert", "random", "goes-here",
            "goes here", "goes_here", "0123456", "1234567", "abcdefg", "qwerty",
        }.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>Returns why a secret can be guessed, without repeating it; null if it looks random.</summary>
    public static string? WeaknessOf(ReadOnlySpan<byte> secret)
    {
        if (secret.Length < LeastBytes)
            return $"has {secret.Length} byte{(secret.Length == 1 ? "" : "s")}";

        Span<byte> lower = secret.Length <= 256 ? stackalloc byte[secret.Length] : new byte[secret.Length];
        Span<bool> seen = stackalloc bool[256];
        var different = 0;
        for (var i = 0; i < secret.Length; i++)
        {
            lower[i] = secret[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(secret[i] | 0x20) : secret[i];
            different += seen[secret[i]] ? 0 : 1;
            seen[secret[i]] = true;
        }

        if (different < LeastDifferentBytes)
            return "repeats a few characters";

        if (BytesInHexadecimal(secret) is { } bytes and < LeastBytes)
            return $"has {bytes} bytes in hexadecimal digits";

        foreach (var word in Words)
        {
            if (lower.IndexOf(word) >= 0)
                return "looks like a placeholder";
        }

        return null;
    }

    /// <summary>Returns how many bytes are written as hexadecimal text, such as a GUID; null for other text. Each digit is half a byte of a key.</summary>
    private static int? BytesInHexadecimal(ReadOnlySpan<byte> secret)
    {
        var digits = 0;
        foreach (var character in secret)
        {
            if (char.IsAsciiHexDigit((char)character))
                digits++;
            else if (character != (byte)'-')
                return null;
        }

        return digits / 2;
    }
}
