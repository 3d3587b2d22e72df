using System.Buffers.Text;
using System.Security.Cryptography;

namespace SessionStores.Protection;

/// <summary>A key of the application that protects its sessions. Others are derived from it for ids, subjects and payloads.</summary>
public sealed class SessionProtectionKey
{
    /// <summary>The shortest key, in bytes: 32.</summary>
    public const int LeastBytes = 32;

    private const string Command = "Use the output of: openssl rand -base64 32";
    private const int LeastDifferentBytes = 8;
    private readonly byte[] _secret;

    /// <summary>Creates a key from random bytes, which are copied.</summary>
    /// <param name="secret">32 random bytes or more.</param>
    /// <exception cref="ArgumentException">The key is shorter, or is not random.</exception>
    public SessionProtectionKey(ReadOnlySpan<byte> secret)
    {
        if (secret.Length < LeastBytes)
            throw new ArgumentException($"A protection key must have at least {LeastBytes} random bytes, but has {secret.Length}. {Command}", nameof(secret));

        Span<bool> seen = stackalloc bool[256];
        var different = 0;
        foreach (var value in secret)
        {
            different += seen[value] ? 0 : 1;
            seen[value] = true;
        }

        if (different < LeastDifferentBytes)
            throw new ArgumentException($"A protection key must be random, but repeats {different} different byte{(different == 1 ? "" : "s")}. {Command}", nameof(secret));

        _secret = secret.ToArray();
        Id = Base64Url.EncodeToString(Derive("key id", 6));
    }

    /// <summary>Names the key in records, logs and metrics: 8 characters derived from it. Not a secret.</summary>
    public string Id { get; }

    /// <summary>Creates a key from Base64, as a configuration value has it.</summary>
    /// <param name="base64">The Base64 of 32 random bytes or more.</param>
    /// <exception cref="ArgumentException">The text is missing or is not Base64 of at least 32 random bytes.</exception>
    public static implicit operator SessionProtectionKey(string base64)
    {
        if (string.IsNullOrWhiteSpace(base64))
            throw new ArgumentException($"A protection key must not be empty. Is its configuration value missing? {Command}", nameof(base64));

        var secret = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, secret, out var length)
            ? new SessionProtectionKey(secret.AsSpan(0, length))
            : throw new ArgumentException($"A protection key must be Base64 of at least {LeastBytes} random bytes, but is not Base64 and has {base64.Length} characters. {Command}", nameof(base64));
    }

    /// <summary>Derives bytes for one purpose. HKDF with SHA-256, no salt, and an info that names format and purpose.</summary>
    internal byte[] Derive(string purpose, int length = SealedRecord.KeyBytes) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, length, info: System.Text.Encoding.ASCII.GetBytes($"{SealedRecord.Format} {purpose}"));

    /// <summary>Returns the type and the id of the key, which is no secret.</summary>
    public override string ToString() => $"{nameof(SessionProtectionKey)} {Id}";
}
