using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace SessionStores;

/// <summary>A text beside a payload that is stored as a reserved top-level member of it: the key, and on Redis the subject.</summary>
/// <remarks>
/// The member is appended before the last brace: <c>{"cookie":{…},"__key":"42"}</c>. A Node peer passes it through and may leave it at another place; wherever it
/// is, exactly the member and one comma are removed again.
/// </remarks>
internal static class ReservedMember
{
    /// <summary>The most bytes that a member takes: a text of 256 characters of three bytes each, its name, quotes and comma.</summary>
    public const int MostBytes = 1024;

    private static readonly byte[] Key = Encoding.ASCII.GetBytes(ReservedMembers.Key);
    private static readonly byte[] QuotedKey = Encoding.ASCII.GetBytes($"\"{ReservedMembers.Key}\"");
    private static readonly SearchValues<byte> Space = SearchValues.Create(" \t\r\n"u8);

    /// <summary>Adds the key to a payload; the result is memory of its own.</summary>
    /// <param name="payload">A JSON object.</param>
    /// <param name="key">Well-formed text without control characters, or null.</param>
    public static byte[] JoinKey(ReadOnlySpan<byte> payload, string? key) => key is null ? payload.ToArray() : Join(payload, ReservedMembers.Key, key);

    /// <summary>Removes the key from stored bytes.</summary>
    /// <param name="stored">The stored bytes. Not changed.</param>
    /// <param name="key">The key, or null.</param>
    /// <returns>The payload; the stored bytes themselves when they hold no key.</returns>
    /// <exception cref="JsonException">The bytes hold a key and are not a UTF-8 JSON object of at most 1,000 levels.</exception>
    public static ReadOnlyMemory<byte> SplitKey(ReadOnlyMemory<byte> stored, out string? key)
    {
        key = null;
        return stored.Span.IndexOf(QuotedKey) < 0 ? stored : Split(stored, Key, out key);
    }

    /// <summary>Adds a member to a payload. The result is memory of its own.</summary>
    public static byte[] Join(ReadOnlySpan<byte> payload, string name, string value)
    {
        var end = payload.LastIndexOf((byte)'}');
        var isEmpty = payload[(payload.IndexOf((byte)'{') + 1)..end].IndexOfAnyExcept(Space) < 0;

        // What JSON.stringify escapes: control characters are not allowed in it.
        var text = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        var member = Encoding.UTF8.GetBytes($"{(isEmpty ? "" : ",")}\"{name}\":\"{text}\"");
        var stored = new byte[payload.Length + member.Length];
        payload[..end].CopyTo(stored);
        member.CopyTo(stored, end);
        payload[end..].CopyTo(stored.AsSpan(end + member.Length));
        return stored;
    }

    /// <summary>Checks that stored bytes can be saved back, and removes the member, in one pass. Of duplicates the last counts, as in JavaScript.</summary>
    /// <param name="stored">The stored bytes. Not changed.</param>
    /// <param name="name">The name of the member, in UTF-8.</param>
    /// <param name="value">The text of the member, or null.</param>
    /// <returns>The payload; the stored bytes themselves when they hold no such member.</returns>
    /// <exception cref="JsonException">The bytes are not a UTF-8 JSON object of at most 1,000 levels.</exception>
    public static ReadOnlyMemory<byte> Split(ReadOnlyMemory<byte> stored, ReadOnlySpan<byte> name, out string? value)
    {
        value = null;
        var json = stored.Span;
        if (!Utf8.IsValid(json))
            throw new JsonException("The text is not UTF-8.");

        var members = new JsonMembers(json, SessionArguments.MaxPayloadDepth);
        byte[]? payload = null;
        var (copied, written, previous, isAfterMember) = (0, 0, 0, false);
        while (members.MoveNext())
        {
            if (!members.NameEquals(name))
            {
                members.Skip();
                previous = members.Position;
                isAfterMember = true;
                continue;
            }

            value = TextOf(ref members.Value);
            var (start, end) = (members.NameStart, members.Position);
            if (isAfterMember)
                start = previous + json[previous..].IndexOf((byte)',');
            else if (json[end..].IndexOfAnyExcept(Space) is >= 0 and var gap && json[end + gap] == ',')
                end += gap + 1;

            previous = members.Position;
            payload ??= new byte[json.Length - (end - start)];
            json[copied..start].CopyTo(payload.AsSpan(written));
            written += start - copied;
            copied = end;
        }

        if (payload is null)
            return stored;

        json[copied..].CopyTo(payload.AsSpan(written));
        return payload.AsMemory(0, written + json.Length - copied);
    }

    /// <summary>Reads a value to its end. Only text that a session can be saved with counts; half a surrogate pair does not.</summary>
    private static string? TextOf(ref Utf8JsonReader value)
    {
        try
        {
            var text = value.TokenType == JsonTokenType.String ? value.GetString()! : "";
            value.Skip();
            return text.Length is > 0 and <= SessionArguments.MaxSubjectLength && !text.Any(char.IsControl) ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
