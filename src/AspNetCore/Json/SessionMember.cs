using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>A top-level member of a payload: slices of the payload itself, not yet read.</summary>
internal readonly struct SessionMember
{
    /// <summary>In place of an unescaped name that UTF-8 cannot encode.</summary>
    private static readonly byte[] IllFormed = [];

    private readonly ReadOnlyMemory<byte> _payload;
    private readonly Place _place;

    public SessionMember(ReadOnlyMemory<byte> payload, in Place place) => (_payload, _place) = (payload, place);

    /// <summary>The name in UTF-8, without quotes and escapes. One with half of a surrogate pair keeps its escapes.</summary>
    public ReadOnlySpan<byte> Name => _place.UnescapedName is null || IsNameIllFormed ? _payload.Span[(_place.Start + 1)..(_place.NameEnd - 1)] : _place.UnescapedName;

    /// <summary>The name as it is in the payload, with its quotes.</summary>
    public ReadOnlySpan<byte> QuotedName => _payload.Span[_place.Start.._place.NameEnd];

    /// <summary>The value: JSON text, byte for byte as it is in the payload.</summary>
    public ReadOnlyMemory<byte> Value => _payload[_place.ValueStart.._place.End];

    private bool IsNameIllFormed => ReferenceEquals(_place.UnescapedName, IllFormed);

    /// <summary>Whether this member has the name.</summary>
    public bool NameEquals(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (IsNameIllFormed)
            return GetName() == name;

        // Only a name beyond ASCII has more bytes than characters.
        var own = Name;
        return own.Length == name.Length ? Ascii.Equals(own, name) : own.Length > name.Length && !Ascii.IsValid(name) && Encoding.UTF8.GetString(own) == name;
    }

    /// <summary>The name as a string.</summary>
    public string GetName() => IsNameIllFormed ? JsonMembers.Unescape(Name) : Encoding.UTF8.GetString(Name);

    /// <summary>Where a member is in its payload. Documents keep this instead of members, which would each have the payload once more.</summary>
    /// <param name="Start">Offset of the quote that begins the name.</param>
    /// <param name="NameEnd">Offset behind the quote that ends the name.</param>
    /// <param name="ValueStart">Offset of the value.</param>
    /// <param name="End">Offset behind the value.</param>
    /// <param name="UnescapedName">The name in UTF-8 when it has escapes; otherwise null.</param>
    internal readonly record struct Place(int Start, int NameEnd, int ValueStart, int End, byte[]? UnescapedName)
    {
        /// <summary>The place of the member that a walk has skipped.</summary>
        public static Place Of(in JsonMembers walk) =>
            new(walk.NameStart, walk.NameEnd, walk.ValueStart, walk.Position, walk.IsNameIllFormed ? IllFormed : walk.UnescapedName);
    }
}
