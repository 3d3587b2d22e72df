namespace SessionStores.Protection;

/// <summary>The keys at one moment.</summary>
internal sealed class KeySet(IReadOnlyList<DerivedKey> keys)
{
    /// <summary>Protects what is written.</summary>
    public DerivedKey Current { get; } = keys[0];

    /// <summary>All keys, the current one first.</summary>
    public IReadOnlyList<DerivedKey> All { get; } = keys;

    public DerivedKey? Find(ReadOnlySpan<byte> id)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (id.SequenceEqual(All[i].IdUtf8))
                return All[i];
        }

        return null;
    }
}
