using System.Security.Cryptography;

namespace SessionStores.Protection;

/// <summary>AES-256-GCM under one key. Thread-safe.</summary>
internal sealed class RecordCipher(byte[] key)
{
    private readonly AesGcm?[] _kept = new AesGcm?[Slots.Count];

    /// <summary>Encrypts with the nonce that is at the beginning of the output; writes ciphertext and tag behind it.</summary>
    public void Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> associated, Span<byte> sealedBytes)
    {
        var aes = Take(out var slot);
        aes.Encrypt(sealedBytes[..SealedRecord.NonceBytes], plain, sealedBytes[SealedRecord.NonceBytes..^SealedRecord.TagBytes], sealedBytes[^SealedRecord.TagBytes..], associated);
        Keep(slot, aes);
    }

    /// <summary>Decrypts what <see cref="Seal"/> wrote.</summary>
    /// <returns>False when the bytes or what is associated with them are not what was sealed.</returns>
    public bool TryOpen(ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> associated, Span<byte> plain)
    {
        var aes = Take(out var slot);
        try
        {
            aes.Decrypt(sealedBytes[..SealedRecord.NonceBytes], sealedBytes[SealedRecord.NonceBytes..^SealedRecord.TagBytes], sealedBytes[^SealedRecord.TagBytes..], plain, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            Keep(slot, aes);
        }
    }

    private AesGcm Take(out int slot)
    {
        slot = Slots.Current;
        return Interlocked.Exchange(ref _kept[slot], null) ?? new AesGcm(key, SealedRecord.TagBytes);
    }

    private void Keep(int slot, AesGcm aes) => Interlocked.Exchange(ref _kept[slot], aes)?.Dispose();
}
