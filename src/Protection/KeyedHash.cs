using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SessionStores.Protection;

/// <summary>HMAC-SHA-256 under one key. Thread-safe.</summary>
internal sealed class KeyedHash(byte[] key)
{
    /// <summary>Objects with the key already set up, which is half of the work for a short text; a slot per processor.</summary>
    private readonly IncrementalHash?[] _kept = new IncrementalHash?[Slots.Count];

    /// <summary>The hash of a text, as 43 characters of base64url.</summary>
    public string Of(string text)
    {
        Span<byte> utf8 = stackalloc byte[3 * SessionArguments.MaxIdLength];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Of(utf8[..Encoding.UTF8.GetBytes(text, utf8)], default, default, hash);
        return Base64Url.EncodeToString(hash);
    }

    /// <summary>The hash of three texts, one behind the other.</summary>
    public void Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, Span<byte> hash)
    {
        ref var slot = ref _kept[Slots.Current];
        var hasher = Interlocked.Exchange(ref slot, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hasher.AppendData(first);
        if (!second.IsEmpty)
        {
            hasher.AppendData(second);
            hasher.AppendData(third);
        }

        hasher.GetHashAndReset(hash);
        Interlocked.Exchange(ref slot, hasher)?.Dispose();
    }
}
