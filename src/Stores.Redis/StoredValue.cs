using System.Buffers;
using System.Text;
using System.Text.Json;

namespace SessionStores.Redis;

/// <summary>The bytes of a record: the payload, with the subject as a reserved top-level member.</summary>
/// <remarks>
/// The member is appended before the last brace: <c>{"cookie":{…},"__subject":"42"}</c>. A Node peer passes it through and may leave it at
/// another place; wherever it is, exactly the member and one comma are cut out again.
/// </remarks>
internal static class StoredValue
{
    private static readonly byte[] Name = [.. "\""u8, .. Encoding.ASCII.GetBytes(ReservedMembers.Subject), .. "\""u8];
    private static readonly SearchValues<byte> Space = SearchValues.Create(" \t\r\n"u8);

    /// <summary>Makes the stored bytes, in memory of their own.</summary>
    /// <param name="payload">A JSON object.</param>
    /// <param name="subject">Well-formed text without control characters, or null.</param>
    public static byte[] Join(ReadOnlySpan<byte> payload, string? subject)
    {
        if (subject is null)
            return payload.ToArray();

        var end = payload.LastIndexOf((byte)'}');
        var isEmpty = payload[(payload.IndexOf((byte)'{') + 1)..end].IndexOfAnyExcept(Space) < 0;
        // What JSON.stringify escapes: control characters are not allowed in a subject.
        var text = Encoding.UTF8.GetBytes(subject.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal));
        return [.. payload[..end], .. isEmpty ? default : ","u8, .. Name, .. ":\""u8, .. text, .. "\""u8, .. payload[end..]];
    }

    /// <summary>Whether bytes begin and end as a JSON object does. What is between them is not looked at.</summary>
    public static bool LooksLikeObject(ReadOnlySpan<byte> value)
    {
        var first = value.IndexOfAnyExcept(Space);
        return first >= 0 && value[first] == '{' && value[value.LastIndexOfAnyExcept(Space)] == '}';
    }

    /// <summary>Takes the subject out of stored bytes.</summary>
    /// <param name="stored">The stored bytes. Not changed.</param>
    /// <param name="subject">The subject, or null.</param>
    /// <returns>The payload; the stored bytes themselves when there is no subject in them.</returns>
    /// <exception cref="JsonException">The bytes name a subject, but are not JSON.</exception>
    public static ReadOnlyMemory<byte> Split(ReadOnlyMemory<byte> stored, out string? subject)
    {
        subject = null;
        var payload = stored;
        while (payload.Span.IndexOf(Name) >= 0 && Find(payload.Span, out var start, out var end, out var found))
        {
            // Of duplicates the last counts, as in JavaScript.
            subject = found;
            payload = Cut(payload.Span, start, end);
        }

        return payload;
    }

    /// <summary>Finds the first such member at the top level, with the comma that goes with it.</summary>
    private static bool Find(ReadOnlySpan<byte> json, out int start, out int end, out string? subject)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        var previous = -1;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            start = (int)reader.TokenStartIndex;
            var isSubject = reader.ValueTextEquals(ReservedMembers.Subject);
            reader.Read();
            subject = isSubject && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            reader.Skip();
            end = (int)reader.BytesConsumed;
            if (isSubject)
            {
                if (previous >= 0)
                    start = previous + json[previous..].IndexOf((byte)',');
                else if (json[end..].IndexOfAnyExcept(Space) is >= 0 and var gap && json[end + gap] == ',')
                    end += gap + 1;

                return true;
            }

            previous = end;
        }

        start = end = 0;
        subject = null;
        return false;
    }

    private static byte[] Cut(ReadOnlySpan<byte> json, int start, int end)
    {
        var rest = new byte[json.Length - (end - start)];
        json[..start].CopyTo(rest);
        json[end..].CopyTo(rest.AsSpan(start));
        return rest;
    }
}
