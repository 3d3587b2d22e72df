using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace SessionStores.AspNetCore;

/// <content>The cookie member of the stored record.</content>
public sealed partial class SessionCookie
{
    /// <summary>Creates a cookie like one that was read: the same values without the instant.</summary>
    internal static SessionCookie Like(SessionCookie read, TimeProvider clock)
    {
        var cookie = new SessionCookie(clock, read._values);
        cookie._values.Expires = null;
        return cookie;
    }

    /// <summary>Reads a stored cookie. Returns false if it is not an object, or a member has a type that express-session could not use.</summary>
    internal static bool TryParse(ReadOnlyMemory<byte> json, TimeProvider clock, [NotNullWhen(true)] out SessionCookie? cookie)
    {
        if (CookieShape.TryFind(json.Span, out var shape))
        {
            cookie = Like(shape.Cookie, clock);
            if (shape.HasInstant && cookie._values.OriginalMaxAge is not null)
            {
                var instant = new Utf8JsonReader(shape.InstantOf(json.Span));
                CookieJson.TryReadInstant(ref instant, out cookie._values.Expires);
            }

            return true;
        }

        cookie = new SessionCookie(clock, new CookieValues());
        var instantAt = 0;
        var reader = new Utf8JsonReader(json.Span);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                return false;

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (CookieAttribute.Find(ref reader) is not { } attribute)
                {
                    reader.Read();
                    reader.Skip();
                    continue;
                }

                if (!attribute.TryRead(ref reader, ref cookie._values))
                    return false;

                if (attribute == CookieAttribute.Expires)
                    instantAt = reader.TokenType == JsonTokenType.String && CookieShape.IsInstant(reader.ValueSpan) ? (int)reader.TokenStartIndex + 1 : 0;
            }
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // Nested too deep, or text that is not UTF-16.
            return false;
        }

        // Without an idle time express-session drops the instant at its next touch.
        if (cookie._values.OriginalMaxAge is null)
            cookie._values.Expires = null;

        if (instantAt > 0 || cookie._values.Expires is null)
            CookieShape.Add(json.Span, instantAt, Like(cookie, TimeProvider.System));

        return true;
    }

    /// <summary>Writes the complete cookie. Unassigned and unknown members are written as they were stored.</summary>
    /// <param name="output">The output buffer.</param>
    /// <param name="json">The cookie as it was stored; empty for a new one.</param>
    internal void WriteTo(ArrayBufferWriter<byte> output, ReadOnlyMemory<byte> json)
    {
        if (!IsChanged && CookieShape.TryFind(json.Span, out var shape) && shape.IsComplete && shape.HasInstant == _values.Expires.HasValue)
            shape.Write(output, _values.Expires);
        else
            WriteMembersTo(output, json);
    }

    /// <summary>Writes the cookie member by member.</summary>
    internal void WriteMembersTo(ArrayBufferWriter<byte> output, ReadOnlyMemory<byte> json)
    {
        var stored = !json.IsEmpty && SessionDocument.TryParse(json, out var document, isRecord: false) ? document : SessionDocument.Empty;
        var hasMembers = false;
        foreach (var attribute in CookieAttribute.All)
        {
            if (stored.TryGet(attribute.Name, out var raw) && IsKept(attribute, raw.Span))
                WriteMember(output, attribute.Utf8Name, raw.Span, ref hasMembers);
            else if (attribute.Write(_values) is { } value)
                WriteMember(output, attribute.Utf8Name, Encoding.UTF8.GetBytes(value), ref hasMembers);
        }

        foreach (var member in stored.Members)
        {
            if (!CookieAttribute.IsKnown(member.Name))
                WriteQuotedMember(output, member.QuotedName, member.Value.Span, ref hasMembers);
        }

        output.Write(hasMembers ? "}"u8 : "{}"u8);
    }

    private static void WriteMember(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref bool hasMembers)
    {
        output.Write(hasMembers ? ",\""u8 : "{\""u8);
        output.Write(name);
        output.Write("\":"u8);
        output.Write(value);
        hasMembers = true;
    }

    /// <summary>Writes a member with its name as it is stored: its escapes are part of it.</summary>
    private static void WriteQuotedMember(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> quotedName, ReadOnlySpan<byte> value, ref bool hasMembers)
    {
        output.Write(hasMembers ? ","u8 : "{"u8);
        output.Write(quotedName);
        output.Write(":"u8);
        output.Write(value);
        hasMembers = true;
    }

    /// <summary>Whether a stored value is written as it is: it was not assigned, and it is not an instant, which moves.</summary>
    private bool IsKept(CookieAttribute attribute, ReadOnlySpan<byte> stored) =>
        (_changed & attribute.Bit) == 0 && (attribute != CookieAttribute.Expires || (_values.Expires is null && stored.SequenceEqual("false"u8)));
}
