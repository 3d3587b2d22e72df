using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SessionStores.Protection;

/// <summary>What is derived from one <see cref="SessionProtectionKey"/>: a hash for ids, one for subjects, and ciphers for records.</summary>
internal sealed class DerivedKey(SessionProtectionKey key)
{
    /// <summary>The bytes that choose a cipher.</summary>
    public const int BranchBytes = 1;

    private readonly KeyedHash _ids = new(key.Derive("session id"));
    private readonly KeyedHash _subjects = new(key.Derive("subject"));
    private readonly KeyedHash _nonces = new(key.Derive("nonce"));

    /// <summary>256 ciphers in place of one. With nonces of 96 bits, two of 2^36 records share a nonce and a cipher with a probability of 2^-33.</summary>
    private readonly RecordCipher?[] _branches = new RecordCipher?[256];

    public string Id { get; } = key.Id;

    public byte[] IdUtf8 { get; } = System.Text.Encoding.ASCII.GetBytes(key.Id);

    /// <summary>The id that the server sees.</summary>
    public string HashId(string id) => _ids.Of(id);

    /// <summary>The subject that the server sees where subjects are hashed.</summary>
    public string HashSubject(string subject) => _subjects.Of(subject);

    /// <summary>Encrypts; writes branch, nonce, ciphertext and tag.</summary>
    /// <param name="text">The length of the associated data as a big-endian integer of 4 bytes, the associated data, and what is encrypted.</param>
    /// <param name="sealedBytes">Takes the output.</param>
    public void Seal(ReadOnlySpan<byte> text, Span<byte> sealedBytes)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _nonces.Of(text, hash);
        hash[..(BranchBytes + SealedRecord.NonceBytes)].CopyTo(sealedBytes);
        var plainStart = sizeof(int) + BinaryPrimitives.ReadInt32BigEndian(text);
        CipherOf(sealedBytes[0]).Seal(text[plainStart..], text[sizeof(int)..plainStart], sealedBytes[BranchBytes..]);
    }

    /// <summary>Decrypts what <see cref="Seal"/> wrote; false when it was changed.</summary>
    public bool TryOpen(ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> associated, Span<byte> plain) =>
        CipherOf(sealedBytes[0]).TryOpen(sealedBytes[BranchBytes..], associated, plain);

    private RecordCipher CipherOf(byte branch) =>
        _branches[branch] ??= new RecordCipher(key.Derive($"payload {branch.ToString(System.Globalization.CultureInfo.InvariantCulture)}"));
}
