using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SessionStores.AspNetCore;

/// <content>The cookie member of the stored record: nine members in this order, left out where undefined.</content>
public sealed partial class SessionCookie
{
    private bool _storesSecure;

    /// <summary>Reads a stored cookie. Answers false when it is no object or a member has a type that express-session could not use.</summary>
    internal static bool TryParse(ReadOnlyMemory<byte> json, TimeProvider clock, [NotNullWhen(true)] out SessionCookie? cookie)
    {
        if (CookieShape.TryFind(json.Span, out var shape))
        {
            cookie = new SessionCookie(clock, shape.Cookie);
            if (shape.HasInstant && cookie._originalMaxAge is not null)
            {
                var instant = new Utf8JsonReader(shape.InstantOf(json.Span));
                cookie.TryReadExpires(ref instant);
            }

            return true;
        }

        cookie = new SessionCookie(clock);
        var instantAt = 0;
        var reader = new Utf8JsonReader(json.Span);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                return false;

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isExpires = reader.ValueTextEquals("expires"u8);
                if (!cookie.TryReadMember(ref reader))
                    return false;

                if (isExpires)
                    instantAt = reader.TokenType == JsonTokenType.String && CookieShape.IsInstant(reader.ValueSpan) ? (int)reader.TokenStartIndex + 1 : 0;
            }
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // Nested too deep, or text that is no UTF-16.
            return false;
        }

        // Without an idle time express-session drops the instant at its next touch.
        if (cookie._originalMaxAge is null)
            cookie._expires = null;

        if (instantAt > 0 || cookie._expires is null)
            CookieShape.Add(json.Span, instantAt, new SessionCookie(TimeProvider.System, cookie));

        return true;
    }

    /// <summary>Writes the complete cookie. Members that nobody assigned are written as they were stored, also ones we do not know.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="json">The cookie as it was stored; empty for a new one.</param>
    internal void WriteTo(ArrayBufferWriter<byte> output, ReadOnlyMemory<byte> json)
    {
        if (!IsChanged && !_hasNewMaxAge && CookieShape.TryFind(json.Span, out var shape) && shape.IsComplete && shape.HasInstant == _expires.HasValue)
            shape.Write(output, _expires);
        else
            WriteMembersTo(output, json);
    }

    /// <summary>Writes the cookie member by member.</summary>
    internal void WriteMembersTo(ArrayBufferWriter<byte> output, ReadOnlyMemory<byte> json)
    {
        var stored = SessionDocument.TryParse(json, out var document) ? document : SessionDocument.Empty;
        var writer = new CookieWriter(output);
        writer.Write("originalMaxAge"u8, !_hasNewMaxAge && stored.TryGet("originalMaxAge", out var raw) ? raw.Span : Number(_originalMaxAge));
        if (IsAssigned(stored, Attributes.Partitioned, "partitioned", "partitioned"u8, ref writer) && _partitioned)
            writer.Write("partitioned"u8, "true"u8);

        if (IsAssigned(stored, Attributes.Priority, "priority", "priority"u8, ref writer))
            writer.WriteText("priority"u8, PriorityText(_priority));

        writer.Write("expires"u8, ExpiresJson(stored));
        if (IsAssigned(stored, Attributes.Secure, "secure", "secure"u8, ref writer) && (_secure || _storesSecure || _changed.HasFlag(Attributes.Secure)))
            writer.Write("secure"u8, _secure ? "true"u8 : "false"u8);

        if (IsAssigned(stored, Attributes.HttpOnly, "httpOnly", "httpOnly"u8, ref writer))
            writer.Write("httpOnly"u8, _httpOnly ? "true"u8 : "false"u8);

        if (IsAssigned(stored, Attributes.Domain, "domain", "domain"u8, ref writer))
            writer.WriteText("domain"u8, _domain);

        if (IsAssigned(stored, Attributes.Path, "path", "path"u8, ref writer))
            writer.WriteText("path"u8, _path);

        if (IsAssigned(stored, Attributes.SameSite, "sameSite", "sameSite"u8, ref writer))
            writer.WriteText("sameSite"u8, SameSiteText(_sameSite));

        foreach (var member in stored.Members)
        {
            if (!IsKnown(member.Name))
                writer.Write(member.Name, member.Value.Span);
        }

        writer.End();
    }

    private static bool IsKnown(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("originalMaxAge"u8) || name.SequenceEqual("partitioned"u8) || name.SequenceEqual("priority"u8) ||
        name.SequenceEqual("expires"u8) || name.SequenceEqual("secure"u8) || name.SequenceEqual("httpOnly"u8) ||
        name.SequenceEqual("domain"u8) || name.SequenceEqual("path"u8) || name.SequenceEqual("sameSite"u8) ||
        // A member of this name would run a setter of express-session and change the lifetime.
        name.SequenceEqual("maxAge"u8);

    private static ReadOnlySpan<byte> Number(double? value) => value is { } number
        ? Encoding.ASCII.GetBytes(number.ToString("0", CultureInfo.InvariantCulture))
        : "null"u8;

    private static string? PriorityText(SessionCookiePriority priority) => priority switch
    {
        SessionCookiePriority.Low => "low",
        SessionCookiePriority.Medium => "medium",
        SessionCookiePriority.High => "high",
        _ => null,
    };

    private static string? SameSiteText(SessionSameSite sameSite) => sameSite switch
    {
        SessionSameSite.Strict => "strict",
        SessionSameSite.Lax => "lax",
        SessionSameSite.None => "none",
        _ => null,
    };

    /// <summary>Whether a member has to be written from what was assigned here; otherwise it has been written as it was stored.</summary>
    private bool IsAssigned(SessionDocument stored, Attributes attribute, string name, ReadOnlySpan<byte> utf8Name, ref CookieWriter writer)
    {
        if (_changed.HasFlag(attribute) || !stored.TryGet(name, out var raw))
            return true;

        writer.Write(utf8Name, raw.Span);
        return false;
    }

    private ReadOnlySpan<byte> ExpiresJson(SessionDocument stored)
    {
        if (_expires is { } expires)
            return Encoding.ASCII.GetBytes($"\"{SessionDate.ToString(expires)}\"");

        return !_hasNewMaxAge && stored.TryGet("expires", out var raw) && raw.Span.SequenceEqual("false"u8) ? "false"u8 : "null"u8;
    }

    private bool TryReadMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("originalMaxAge"u8))
            return TryReadMaxAge(ref reader);

        if (reader.ValueTextEquals("expires"u8))
            return TryReadExpires(ref reader);

        if (reader.ValueTextEquals("partitioned"u8))
            return TryReadFlag(ref reader, ref _partitioned);

        if (reader.ValueTextEquals("secure"u8))
            return TryReadFlag(ref reader, ref _secure);

        if (reader.ValueTextEquals("httpOnly"u8))
            return TryReadFlag(ref reader, ref _httpOnly);

        if (reader.ValueTextEquals("domain"u8))
            return TryReadText(ref reader, out _domain);

        if (reader.ValueTextEquals("path"u8))
            return TryReadText(ref reader, out _path);

        if (reader.ValueTextEquals("priority"u8))
            return TryReadPriority(ref reader);

        if (reader.ValueTextEquals("sameSite"u8))
            return TryReadSameSite(ref reader);

        reader.Read();
        reader.Skip();
        return true;
    }

    private bool TryReadMaxAge(ref Utf8JsonReader reader)
    {
        reader.Read();
        _originalMaxAge = reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
        return _originalMaxAge is not null || reader.TokenType is JsonTokenType.Null or JsonTokenType.False;
    }

    private bool TryReadExpires(ref Utf8JsonReader reader)
    {
        reader.Read();
        _expires = null;
        if (reader.TokenType == JsonTokenType.String)
        {
            if (reader.TryGetDateTimeOffset(out var instant) || SessionDate.TryParse(reader.GetString(), out instant))
                _expires = instant;

            return true;
        }

        return reader.TokenType is JsonTokenType.Null or JsonTokenType.False;
    }

    private bool TryReadPriority(ref Utf8JsonReader reader)
    {
        if (!TryReadText(ref reader, out var text))
            return false;

        // Express-session refuses to send a cookie with any other word; we leave the attribute out.
        _priority = Enum.TryParse<SessionCookiePriority>(text, ignoreCase: true, out var priority) ? priority : SessionCookiePriority.Unset;
        return true;
    }

    private bool TryReadSameSite(ref Utf8JsonReader reader)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                _sameSite = SessionSameSite.Strict;
                return true;
            case JsonTokenType.False or JsonTokenType.Null:
                return true;
            case JsonTokenType.String:
                _sameSite = reader.ValueTextEquals("lax"u8) ? SessionSameSite.Lax
                    : Enum.TryParse<SessionSameSite>(reader.GetString(), ignoreCase: true, out var sameSite) && sameSite != SessionSameSite.Auto ? sameSite
                    : SessionSameSite.Unset;
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadFlag(ref Utf8JsonReader reader, ref bool flag)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            // Express-session stores the word "auto" when a function of the request answered it, and treats it as true.
            case JsonTokenType.True or JsonTokenType.String:
                flag = true;
                return true;
            case JsonTokenType.False:
                flag = false;
                return true;
            default:
                return reader.TokenType == JsonTokenType.Null;
        }
    }

    private static bool TryReadText(ref Utf8JsonReader reader, out string? text)
    {
        reader.Read();
        text = reader.TokenType != JsonTokenType.String ? null : reader.ValueTextEquals("/"u8) ? "/" : reader.GetString();
        return text is not null || reader.TokenType is JsonTokenType.Null or JsonTokenType.False;
    }

    private ref struct CookieWriter(ArrayBufferWriter<byte> output)
    {
        private bool _hasMembers;

        public void Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
            output.Write(_hasMembers ? ",\""u8 : "{\""u8);
            output.Write(name);
            output.Write("\":"u8);
            output.Write(value);
            _hasMembers = true;
        }

        public void WriteText(ReadOnlySpan<byte> name, string? text)
        {
            if (text is not null)
                Write(name, Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(text, SessionJsonEncoder.Instance)}\""));
        }

        public readonly void End() => output.Write(_hasMembers ? "}"u8 : "{}"u8);
    }
}
