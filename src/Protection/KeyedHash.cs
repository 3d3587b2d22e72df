using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SessionStores.Protection;

/// <summary>HMAC-SHA-256 under one key. Thread-safe.</summary>
/// <remarks>The hashes of the last texts are remembered: a request that reads its session and then changes it needs the hash of one id twice, and the next
/// request of its browser again. An entry never changes and a lost one costs one hash. Its place is chosen by a hash that is seeded per process, so that the time
/// of a look-up tells nothing about the ids of others.</remarks>
internal sealed class KeyedHash(byte[] key)
{
    /// <summary>How many texts are remembered: a power of two. Some 200 bytes each.</summary>
    private const int Remembered = 2048;

    /// <summary>Objects with the key already set up, which is half of the work for a short text; a slot per processor.</summary>
    private readonly IncrementalHash?[] _kept = new IncrementalHash?[Slots.Count];
    private readonly Entry?[] _entries = new Entry?[Remembered];

    /// <summary>The hash of a text, as 43 characters of base64url.</summary>
    public string Of(string text)
    {
        ref var place = ref _entries[text.GetHashCode(StringComparison.Ordinal) & (Remembered - 1)];
        if (Volatile.Read(ref place) is { } entry && entry.Text == text)
            return entry.Hash;

        Span<byte> utf8 = stackalloc byte[KeyIndex.Mark.Length + (3 * SessionArguments.MaxIdLength)]; // the name of a key has one character more
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Of(utf8[..Encoding.UTF8.GetBytes(text, utf8)], hash);
        var encoded = Base64Url.EncodeToString(hash);
        Volatile.Write(ref place, new Entry(text, encoded));
        return encoded;
    }

    /// <summary>The hash of bytes.</summary>
    public void Of(ReadOnlySpan<byte> bytes, Span<byte> hash)
    {
        ref var slot = ref _kept[Slots.Current];
        var hasher = Interlocked.Exchange(ref slot, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hasher.AppendData(bytes);
        hasher.GetHashAndReset(hash);
        Interlocked.Exchange(ref slot, hasher)?.Dispose();
    }

    private sealed class Entry(string text, string hash)
    {
        public string Text { get; } = text;

        public string Hash { get; } = hash;
    }
}
