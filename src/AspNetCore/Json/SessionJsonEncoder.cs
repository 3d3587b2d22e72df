using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace SessionStores.AspNetCore;

/// <summary>Escapes text in JSON exactly where <c>JSON.stringify</c> does: the quote, the backslash and control characters below
/// U+0020. Everything else is raw UTF-8.</summary>
/// <remarks>For JSON that is stored or sent. The output is not safe inside an HTML page.</remarks>
internal sealed class SessionJsonEncoder : JavaScriptEncoder
{
    private const string Escaped = "\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000B\f\r\u000E\u000F" +
        "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F";

    private static readonly SearchValues<char> EscapedCharacters = SearchValues.Create(Escaped);
    private static readonly SearchValues<byte> EscapedBytes = SearchValues.Create([.. Escaped.Select(character => (byte)character)]);

    private SessionJsonEncoder()
    {
    }

    /// <summary>The only instance; it has no state.</summary>
    public static SessionJsonEncoder Instance { get; } = new();

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => 6;

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < 0x20 or '"' or '\\';

    /// <inheritdoc/>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        var escaped = span.IndexOfAny(EscapedCharacters);
        var clean = escaped < 0 ? span : span[..escaped];
        var surrogate = clean.IndexOfAnyInRange('\uD800', '\uDFFF');
        while (surrogate >= 0)
        {
            // The base class replaces half a pair, so its position has to be returned.
            if (surrogate + 1 >= clean.Length || !char.IsSurrogatePair(clean[surrogate], clean[surrogate + 1]))
                return surrogate;

            var next = clean[(surrogate + 2)..].IndexOfAnyInRange('\uD800', '\uDFFF');
            surrogate = next < 0 ? -1 : surrogate + 2 + next;
        }

        return escaped;
    }

    /// <inheritdoc/>
    public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text) =>
        Utf8.IsValid(utf8Text) ? utf8Text.IndexOfAny(EscapedBytes) : base.FindFirstCharacterToEncodeUtf8(utf8Text);

    /// <inheritdoc/>
    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var target = new Span<char>(buffer, bufferLength);
        var shorthand = unicodeScalar switch
        {
            '"' => '"',
            '\\' => '\\',
            '\b' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\f' => 'f',
            '\r' => 'r',
            _ => '\0',
        };
        if (shorthand != '\0')
        {
            numberOfCharactersWritten = 0;
            if (target.Length < 2)
                return false;

            target[0] = '\\';
            target[1] = shorthand;
            numberOfCharactersWritten = 2;
            return true;
        }

        if (unicodeScalar < 0x20)
            return target.TryWrite($"\\u{unicodeScalar:x4}", out numberOfCharactersWritten);

        return new System.Text.Rune(unicodeScalar).TryEncodeToUtf16(target, out numberOfCharactersWritten);
    }
}
