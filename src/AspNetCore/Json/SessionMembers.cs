namespace SessionStores.AspNetCore;

/// <summary>The members of a document, in the order of its payload.</summary>
internal readonly ref struct SessionMembers(ReadOnlyMemory<byte> payload, ReadOnlySpan<SessionMember.Place> places)
{
    private readonly ReadOnlyMemory<byte> _payload = payload;
    private readonly ReadOnlySpan<SessionMember.Place> _places = places;

    public SessionMember this[int index] => new(_payload, _places[index]);

    public Enumerator GetEnumerator() => new(this);

    public ref struct Enumerator(SessionMembers members)
    {
        private readonly SessionMembers _members = members;
        private int _index = -1;

        public readonly SessionMember Current => _members[_index];

        public bool MoveNext() => ++_index < _members._places.Length;
    }
}
