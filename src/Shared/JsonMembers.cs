using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace SessionStores;

/// <summary>Walks over the top-level members of a JSON object without reading their values.</summary>
/// <remarks>A member is found by <see cref="MoveNext"/>; its value is then skipped, or read through <see cref="Value"/>, before the next
/// call. Of members with one name the last counts, as in JavaScript.</remarks>
internal ref struct JsonMembers
{
    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;
    private bool _isAtValue;

    /// <summary>Begins before the first member.</summary>
    /// <exception cref="JsonException">The text does not begin with a JSON object.</exception>
    public JsonMembers(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The text is not a JSON object.");
    }

    /// <summary>Offset of the quote that begins the name of the current member.</summary>
    public int NameStart { get; private set; }

    /// <summary>Offset behind the quote that ends the name of the current member.</summary>
    public int NameEnd { get; private set; }

    /// <summary>The name of the current member in UTF-8 when it has escapes; otherwise null.</summary>
    public byte[]? UnescapedName { get; private set; }

    /// <summary>The name of the current member in UTF-8. A name that is no well-formed text keeps its escapes.</summary>
    public readonly ReadOnlySpan<byte> Name => UnescapedName ?? _json[(NameStart + 1)..(NameEnd - 1)];

    /// <summary>Offset of the value of the current member.</summary>
    public int ValueStart { get; private set; }

    /// <summary>Offset behind what has been read. Behind the value once it was skipped or read.</summary>
    public readonly int Position => (int)_reader.BytesConsumed;

    /// <summary>The reader at the first token of the value. Whoever takes it reads the value to its end.</summary>
    [UnscopedRef]
    public ref Utf8JsonReader Value
    {
        get
        {
            _isAtValue = false;
            return ref _reader;
        }
    }

    /// <summary>Whether the current member has a name.</summary>
    /// <param name="utf8">The name in UTF-8, without quotes and escapes.</param>
    public readonly bool NameEquals(ReadOnlySpan<byte> utf8) => Name.SequenceEqual(utf8);

    /// <summary>Whether a text is one JSON object with nothing behind it.</summary>
    public static bool IsObject(ReadOnlySpan<byte> json)
    {
        try
        {
            var members = new JsonMembers(json);
            while (members.MoveNext())
                members.Skip();

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether a reader is at a certain name. <see cref="Utf8JsonReader.ValueTextEquals(ReadOnlySpan{byte})"/> throws for a name that
    /// is no well-formed text.</summary>
    /// <param name="reader">A reader at the name of a member.</param>
    /// <param name="utf8">The name in UTF-8, without quotes and escapes.</param>
    public static bool IsNamed(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        if (!reader.ValueIsEscaped)
            return reader.ValueSpan.SequenceEqual(utf8);

        // An escape has at most six characters for one.
        return reader.ValueSpan.Length <= 6 * utf8.Length && Unescape(ref reader) is { } name && utf8.SequenceEqual(name);
    }

    /// <summary>Goes to the next member; at the end checks that nothing follows the object.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public bool MoveNext()
    {
        if (_isAtValue)
            Skip();

        _reader.Read();
        if (_reader.TokenType != JsonTokenType.PropertyName)
        {
            // Anything but white space behind the closing brace makes the reader throw.
            _reader.Read();
            return false;
        }

        NameStart = (int)_reader.TokenStartIndex;
        NameEnd = NameStart + _reader.ValueSpan.Length + 2;
        UnescapedName = _reader.ValueIsEscaped ? Unescape(ref _reader) : null;
        _reader.Read();
        ValueStart = (int)_reader.TokenStartIndex;
        _isAtValue = true;
        return true;
    }

    /// <summary>Skips the value of the current member, so that <see cref="Position"/> is its end.</summary>
    public void Skip()
    {
        _isAtValue = false;
        _reader.Skip();
    }

    private static byte[]? Unescape(ref Utf8JsonReader reader)
    {
        try
        {
            return Encoding.UTF8.GetBytes(reader.GetString()!);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: legal in JavaScript, not a text in .NET.
            return null;
        }
    }
}
