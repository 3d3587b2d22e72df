using System.Security.Cryptography;
using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>A secret that signs session ids. Text stands for its UTF-8 bytes, as in Node.</summary>
public sealed class SessionSecret
{
    private readonly byte[] _key;

    /// <summary>A keyed hash that nobody uses at the moment: to key one anew takes longer than to hash an id.</summary>
    private IncrementalHash? _idle;

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

    /// <summary>Writes the HMAC-SHA256 of some bytes.</summary>
    internal void Sign(ReadOnlySpan<byte> bytes, Span<byte> hash)
    {
        var keyed = Interlocked.Exchange(ref _idle, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        keyed.AppendData(bytes);
        keyed.GetHashAndReset(hash);
        Interlocked.Exchange(ref _idle, keyed)?.Dispose();
    }

    /// <summary>Makes a secret from text.</summary>
    public static implicit operator SessionSecret(string text) => new(text);

    /// <summary>Makes a secret from bytes.</summary>
    public static implicit operator SessionSecret(byte[] key) => new(key);

    /// <summary>Makes a secret from text.</summary>
    public static SessionSecret FromString(string text) => new(text);

    /// <summary>Makes a secret from bytes.</summary>
    public static SessionSecret FromByteArray(byte[] key) => new(key);

    /// <summary>Names the type alone: a secret does not belong in a log.</summary>
    public override string ToString() => nameof(SessionSecret);
}
