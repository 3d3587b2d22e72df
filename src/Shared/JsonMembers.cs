using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace SessionStores;

/// <summary>Walks over the top-level members of a JSON object without reading their values.</summary>
/// <remarks>A member is found by <see cref="MoveNext"/>; its value is then skipped, or read through <see cref="Value"/>, before the next
/// call. Of members with one name the last counts, as in JavaScript.</remarks>
internal ref struct JsonMembers
{
    /// <summary>The length of an escape such as <c>\u00e9</c>.</summary>
    private const int LongestEscape = 6;

    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;
    private bool _isAtValue;

    /// <summary>Begins before the first member.</summary>
    /// <param name="json">The text.</param>
    /// <param name="maxDepth">The deepest nesting that is read.</param>
    /// <exception cref="JsonException">The text does not begin with a JSON object.</exception>
    public JsonMembers(ReadOnlySpan<byte> json, int maxDepth = int.MaxValue)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The text is not a JSON object.");
    }

    /// <summary>Offset of the quote that begins the name of the current member.</summary>
    public int NameStart { get; private set; }

    /// <summary>Offset behind the quote that ends the name of the current member.</summary>
    public int NameEnd { get; private set; }

    /// <summary>The name of the current member in UTF-8 when it has escapes; otherwise null.</summary>
    public byte[]? UnescapedName { get; private set; }

    /// <summary>Whether the name of the current member has half of a surrogate pair: legal in JavaScript, but not in UTF-8.</summary>
    public bool IsNameIllFormed { get; private set; }

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
        return reader.ValueSpan.Length <= LongestEscape * utf8.Length && ToUtf8(Unescape(reader.ValueSpan)) is { } name && utf8.SequenceEqual(name);
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
        UnescapedName = _reader.ValueIsEscaped ? ToUtf8(Unescape(_reader.ValueSpan)) : null;
        IsNameIllFormed = _reader.ValueIsEscaped && UnescapedName is null;
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

    /// <summary>Removes the escapes of a text or name that a reader has accepted. Half of a surrogate pair stays one; no exception is
    /// needed to find it, so that a text full of them costs no more than another.</summary>
    public static string Unescape(ReadOnlySpan<byte> escaped)
    {
        var text = new StringBuilder(escaped.Length);
        while (!escaped.IsEmpty)
        {
            var plain = escaped.IndexOf((byte)'\\');
            if (plain != 0)
            {
                var run = plain < 0 ? escaped : escaped[..plain];
                text.Append(Encoding.UTF8.GetString(run));
                escaped = escaped[run.Length..];
                continue;
            }

            text.Append((char)escaped[1] switch
            {
                'u' => (char)ushort.Parse(escaped[2..LongestEscape], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                var other => other,
            });
            escaped = escaped[(escaped[1] == 'u' ? LongestEscape : 2)..];
        }

        return text.ToString();
    }

    private static byte[]? ToUtf8(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        return Utf8.FromUtf16(text, bytes, out _, out var length, replaceInvalidSequences: false) == OperationStatus.Done ? bytes[..length] : null;
    }
}
