using System.Security.Cryptography;
using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>A secret that signs session ids: text, used as its UTF-8 bytes as in Node, or bytes.</summary>
public sealed class SessionSecret
{
    private const int Slots = 16;
    private readonly byte[] _key;

    /// <summary>Hash objects with the key already set up, which is most of the work for an id of 32 bytes; a slot per processor.</summary>
    private readonly IncrementalHash?[] _hashes = new IncrementalHash?[Slots];

    /// <summary>Creates a secret from bytes, which are copied.</summary>
    /// <exception cref="ArgumentException">The secret is empty.</exception>
    public SessionSecret(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty)
            throw new ArgumentException("A session secret must have at least one byte, but is empty. Use at least 32 random bytes.", nameof(key));

        _key = key.ToArray();
    }

    /// <summary>Creates a secret from text.</summary>
    /// <exception cref="ArgumentException">The text is null or empty.</exception>
    public static implicit operator SessionSecret(string text) => string.IsNullOrEmpty(text)
        ? throw new ArgumentException("A session secret must have at least one character, but is null or empty. Is its configuration value missing? Set it to the output of: openssl rand -base64 32 (in Development leave out the secret, and one is created)", nameof(text))
        : new(Encoding.UTF8.GetBytes(text));

    /// <summary>Why this secret can be guessed; null if it looks random.</summary>
    internal string? Weakness => SecretStrength.WeaknessOf(_key);

    /// <summary>HMAC-SHA256 of a message with this secret.</summary>
    internal void Hash(ReadOnlySpan<byte> message, Span<byte> hash)
    {
        ref var slot = ref _hashes[Thread.GetCurrentProcessorId() & (Slots - 1)];
        var hasher = Interlocked.Exchange(ref slot, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hasher.AppendData(message);
        hasher.GetHashAndReset(hash);
        Interlocked.Exchange(ref slot, hasher)?.Dispose();
    }

    /// <summary>The secret of a named set of sessions: another one for each name.</summary>
    internal SessionSecret For(string set)
    {
        Span<byte> key = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Hash(Encoding.UTF8.GetBytes("SessionStores set " + set), key);
        return new SessionSecret(key);
    }

    internal bool IsSameAs(SessionSecret other) => CryptographicOperations.FixedTimeEquals(_key, other._key);

    /// <summary>Returns only the type name: a secret must not be logged.</summary>
    public override string ToString() => nameof(SessionSecret);
}
