namespace SessionStores.AspNetCore;

/// <summary>Remembers cookie values whose signature was verified, and the id in each: a browser sends the same value with every request.</summary>
/// <remarks>
/// <para>Whether a signature is valid depends only on the value and the secrets, and the secrets of a set never change. So only a value
/// that is equal to a verified one in every character, including its signature, is accepted without computing the signature again. Nothing
/// about the store is remembered.</para>
/// <para>Bounded: if its set is full, a new value replaces another one. The set is chosen by a hash of the end of the signature
/// that is seeded per process, so that an attacker can neither cause collisions nor learn from the time of a look-up how much of a guess was right.</para>
/// <para>Thread-safe without locks: an entry never changes, and a lost entry costs one verification.</para>
/// </remarks>
internal sealed class VerifiedCookies
{
    private const int Ways = 8;
    private const int Sets = 1024;

    /// <summary>Values with generated ids have 80 characters; other ids can be longer. Longer values are verified each time.</summary>
    private const int MaxLength = 512;

    /// <summary>96 bits of the signature distinguish values as well as all of it.</summary>
    private const int HashedLength = 16;

    /// <summary>The hashes of the entries, so that a look-up reads one entry at most. A hash that does not match its entry only causes a miss.</summary>
    private readonly int[] _hashes = new int[Sets * Ways];
    private readonly Entry?[] _entries = new Entry?[Sets * Ways];
    private int _turn;

    /// <summary>Returns the id in a value that was verified before, or null.</summary>
    public string? Find(ReadOnlySpan<char> value)
    {
        var hash = HashOf(value);
        var set = SetOf(hash);
        var hashes = _hashes.AsSpan(set, Ways);
        for (var way = 0; way < hashes.Length; way++)
        {
            if (hashes[way] == hash && _entries[set + way] is { } entry && value.SequenceEqual(entry.Value))
                return entry.Id;
        }

        return null;
    }

    /// <summary>Remembers a value whose signature has been verified.</summary>
    public void Add(ReadOnlySpan<char> value, string id)
    {
        if (value.Length > MaxLength)
            return;

        var hash = HashOf(value);
        var set = SetOf(hash);
        var way = 0;
        while (way < Ways && _entries[set + way] is not null)
            way++;

        var place = set + (way < Ways ? way : Interlocked.Increment(ref _turn) & (Ways - 1));
        _entries[place] = new Entry(value.ToString(), id);
        _hashes[place] = hash;
    }

    private static int HashOf(ReadOnlySpan<char> value) => string.GetHashCode(value.Length > HashedLength ? value[^HashedLength..] : value);

    private static int SetOf(int hash) => (hash & (Sets - 1)) * Ways;

    private sealed class Entry(string value, string id)
    {
        public string Value { get; } = value;

        public string Id { get; } = id;
    }
}
