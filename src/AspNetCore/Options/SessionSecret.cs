using System.Security.Cryptography;
using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>A secret that signs session ids. Text stands for its UTF-8 bytes, as in Node.</summary>
public sealed class SessionSecret
{
    private const int Slots = 16;
    private readonly byte[] _key;

    /// <summary>Hash objects with the key already set up, which is most of the work for an id of 32 bytes; a slot per processor.</summary>
    private readonly IncrementalHash?[] _hashes = new IncrementalHash?[Slots];

    /// <summary>Makes a secret from text.</summary>
    /// <exception cref="ArgumentException">The text is null or empty.</exception>
    public SessionSecret(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        _key = Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Makes a secret from bytes, which are copied.</summary>
    /// <exception cref="ArgumentException">There are no bytes.</exception>
    public SessionSecret(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty)
            throw new ArgumentException("A secret must have at least one byte.", nameof(key));

        _key = key.ToArray();
    }

    /// <summary>Makes a secret from text.</summary>
    public static implicit operator SessionSecret(string text) => new(text);

    /// <summary>Makes a secret from bytes.</summary>
    public static implicit operator SessionSecret(byte[] key) => new(key);

    /// <summary>Makes a secret from text.</summary>
    public static SessionSecret FromString(string text) => new(text);

    /// <summary>Makes a secret from bytes.</summary>
    public static SessionSecret FromByteArray(byte[] key) => new(key);

    /// <summary>HMAC-SHA256 of a message with this secret.</summary>
    internal void Hash(ReadOnlySpan<byte> message, Span<byte> hash)
    {
        ref var slot = ref _hashes[Thread.GetCurrentProcessorId() & (Slots - 1)];
        var hasher = Interlocked.Exchange(ref slot, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hasher.AppendData(message);
        hasher.GetHashAndReset(hash);
        Interlocked.Exchange(ref slot, hasher)?.Dispose();
    }

    /// <summary>Names the type alone: a secret does not belong in a log.</summary>
    public override string ToString() => nameof(SessionSecret);
}
