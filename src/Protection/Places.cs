namespace SessionStores.Protection;

/// <summary>Where the session of an id may be stored, in the order in which to look.</summary>
/// <remarks>Under the current key; then under each older one, and in the migration window under the id itself; and then under the current key once more,
/// because a writer may have moved the session there in the meantime. A session only ever moves towards the current key, so it is not missed.</remarks>
internal readonly struct Places(Protector protector, KeySet keys, string id, bool acceptsUnprotected)
{
    public KeySet Keys { get; } = keys;

    /// <summary>Where the session is written.</summary>
    public string Current { get; } = protector.HashId(keys.Current, id);

    public Enumerator GetEnumerator() => new(this);

    private int Others => Keys.All.Count - 1 + (acceptsUnprotected ? 1 : 0);

    private Place At(int index) => index == 0 || index > Others ? new Place(Current, true)
        : index < Keys.All.Count ? new Place(protector.HashId(Keys.All[index], id), true)
        : new Place(id, false);

    public struct Enumerator(Places places)
    {
        private int _index = -1;

        public readonly Place Current => places.At(_index);

        public bool MoveNext() => ++_index <= (places.Others == 0 ? 0 : places.Others + 1);
    }
}

/// <summary>An id at the server.</summary>
internal readonly record struct Place(string Id, bool IsProtected);
