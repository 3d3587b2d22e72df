using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>A top-level member of a payload: slices of the payload itself, not yet read.</summary>
internal readonly struct SessionMember
{
    /// <summary>In place of an unescaped name that UTF-8 cannot encode.</summary>
    private static readonly byte[] IllFormed = [];

    private readonly ReadOnlyMemory<byte> _payload;
    private readonly int _start;
    private readonly int _nameEnd;
    private readonly int _valueStart;
    private readonly int _end;
    private readonly byte[]? _unescapedName;

    internal SessionMember(ReadOnlyMemory<byte> payload, int start, int nameEnd, int valueStart, int end, byte[]? unescapedName, bool isNameIllFormed)
    {
        _payload = payload;
        _start = start;
        _nameEnd = nameEnd;
        _valueStart = valueStart;
        _end = end;
        _unescapedName = isNameIllFormed ? IllFormed : unescapedName;
    }

    /// <summary>The name in UTF-8, without quotes and escapes. One with half of a surrogate pair keeps its escapes.</summary>
    public ReadOnlySpan<byte> Name => _unescapedName is null || IsNameIllFormed ? _payload.Span[(_start + 1)..(_nameEnd - 1)] : _unescapedName;

    /// <summary>The name as it is in the payload, with its quotes.</summary>
    public ReadOnlySpan<byte> QuotedName => _payload.Span[_start.._nameEnd];

    /// <summary>The value: JSON text, byte for byte as it is in the payload.</summary>
    public ReadOnlyMemory<byte> Value => _payload[_valueStart.._end];

    private bool IsNameIllFormed => ReferenceEquals(_unescapedName, IllFormed);

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
}
