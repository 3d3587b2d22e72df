using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SessionStores.Format;

namespace SessionStores.AspNetCore;

/// <content>The cookie member of the stored record: nine members in this order, left out where undefined.</content>
public sealed partial class SessionCookie
{
    private bool _storesSecure;

    /// <summary>Reads a stored cookie. Answers false when it is no object or a member has a type that express-session could not use.</summary>
    internal static bool TryParse(ReadOnlyMemory<byte> json, TimeProvider clock, [NotNullWhen(true)] out SessionCookie? cookie)
    {
        cookie = new SessionCookie(clock, json);
        var reader = new Utf8JsonReader(json.Span);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                return false;

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!cookie.TryReadMember(ref reader))
                    return false;
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

        return true;
    }

    /// <summary>Writes the complete cookie. Members that nobody assigned are written as they were stored, also ones we do not know.</summary>
    internal void WriteTo(IBufferWriter<byte> output)
    {
        var stored = SessionDocument.TryParse(_stored, out var document) ? document : SessionDocument.Empty;
        var writer = new CookieWriter(output);
        writer.Write("originalMaxAge"u8, !_hasNewMaxAge && stored.TryGet("originalMaxAge", out var raw) ? raw.Span : Number(_originalMaxAge));
        WriteMember(ref writer, stored, "partitioned", "partitioned"u8, Attributes.Partitioned, _partitioned ? "true"u8 : default);
        WriteMember(ref writer, stored, "priority", "priority"u8, Attributes.Priority, Quoted(PriorityText(_priority)));
        writer.Write("expires"u8, ExpiresJson(stored));
        WriteMember(ref writer, stored, "secure", "secure"u8, Attributes.Secure, _secure ? "true"u8 : _storesSecure || _changed.HasFlag(Attributes.Secure) ? "false"u8 : default);
        WriteMember(ref writer, stored, "httpOnly", "httpOnly"u8, Attributes.HttpOnly, _httpOnly ? "true"u8 : "false"u8);
        WriteMember(ref writer, stored, "domain", "domain"u8, Attributes.Domain, Quoted(_domain));
        WriteMember(ref writer, stored, "path", "path"u8, Attributes.Path, Quoted(_path));
        WriteMember(ref writer, stored, "sameSite", "sameSite"u8, Attributes.SameSite, Quoted(SameSiteText(_sameSite)));

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

    private static ReadOnlySpan<byte> Quoted(string? text) =>
        text is null ? default : Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(text, SessionJsonEncoder.Instance)}\"");

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

    private void WriteMember(ref CookieWriter writer, SessionDocument stored, string name, ReadOnlySpan<byte> utf8Name, Attributes attribute, ReadOnlySpan<byte> value)
    {
        if (!_changed.HasFlag(attribute) && stored.TryGet(name, out var raw))
            writer.Write(utf8Name, raw.Span);
        else if (!value.IsEmpty)
            writer.Write(utf8Name, value);
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

    private ref struct CookieWriter(IBufferWriter<byte> output)
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

        public readonly void End() => output.Write(_hasMembers ? "}"u8 : "{}"u8);
    }
}
