using System.Text;
using System.Text.Json;

namespace SessionStores.AspNetCore;

/// <summary>Reads and writes the values of a stored cookie with the types that express-session accepts.</summary>
internal static class CookieJson
{
    /// <summary>No attribute of a cookie needs more; longer ones are invalid.</summary>
    private const int MaxTextLength = 1024;

    /// <summary>In place of a text that is too long. Neither a path nor a domain.</summary>
    private const string TooLong = "(too long)";

    /// <summary>The longest spelling of an instant that is read.</summary>
    private const int MaxInstantLength = 64;

    public static bool TryReadMilliseconds(ref Utf8JsonReader reader, out double? milliseconds)
    {
        reader.Read();
        milliseconds = reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) ? Math.Clamp(number, double.MinValue, double.MaxValue) : null;
        return milliseconds is not null || reader.TokenType is JsonTokenType.Null or JsonTokenType.False;
    }

    public static bool TryReadInstant(ref Utf8JsonReader reader, out DateTimeOffset? instant)
    {
        reader.Read();
        instant = null;
        if (reader.TokenType == JsonTokenType.String)
        {
            if (reader.ValueSpan.Length <= MaxInstantLength && (reader.TryGetDateTimeOffset(out var read) || SessionDate.TryParse(TextOf(ref reader), out read)))
                instant = read;

            return true;
        }

        return reader.TokenType is JsonTokenType.Null or JsonTokenType.False;
    }

    public static bool TryReadPriority(ref Utf8JsonReader reader, ref SessionCookiePriority priority)
    {
        if (!TryReadText(ref reader, out var text))
            return false;

        // Express-session refuses to send a cookie with any other word; the attribute is omitted here.
        priority = text?.ToLowerInvariant() switch
        {
            "low" => SessionCookiePriority.Low,
            "medium" => SessionCookiePriority.Medium,
            "high" => SessionCookiePriority.High,
            _ => SessionCookiePriority.Unset,
        };
        return true;
    }

    public static bool TryReadSameSite(ref Utf8JsonReader reader, ref SessionSameSite sameSite)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                sameSite = SessionSameSite.Strict;
                return true;
            case JsonTokenType.False or JsonTokenType.Null:
                return true;
            case JsonTokenType.String:
                sameSite = TextOf(ref reader).ToLowerInvariant() switch
                {
                    "strict" => SessionSameSite.Strict,
                    "lax" => SessionSameSite.Lax,
                    "none" => SessionSameSite.None,
                    _ => SessionSameSite.Unset,
                };
                return true;
            default:
                return false;
        }
    }

    public static bool TryReadFlag(ref Utf8JsonReader reader, ref bool flag)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            // Express-session stores the word "auto" if a function of the request returned it, and treats it as true.
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

    public static bool TryReadText(ref Utf8JsonReader reader, out string? text)
    {
        reader.Read();
        text = reader.TokenType != JsonTokenType.String ? null : TextOf(ref reader);
        return text is not null || reader.TokenType is JsonTokenType.Null or JsonTokenType.False;
    }

    /// <summary>Returns a text as JSON; null for null.</summary>
    public static string? Text(string? text) =>
        text is null ? null : $"\"{JsonEncodedText.Encode(text, SessionJsonEncoder.Instance)}\"";

    /// <summary>Returns the name of a value as express-session writes it; null for the value that omits the attribute.</summary>
    public static string? Word<T>(T value, T omitted)
        where T : struct, Enum => EqualityComparer<T>.Default.Equals(value, omitted) || !Enum.IsDefined(value) ? null : $"\"{value.ToString().ToLowerInvariant()}\"";

    /// <summary>The text at a reader. Half of a surrogate pair stays one, without an exception.</summary>
    private static string TextOf(ref Utf8JsonReader reader) => reader.ValueSpan.Length > MaxTextLength ? TooLong
        : reader.ValueIsEscaped ? JsonMembers.Unescape(reader.ValueSpan)
        : reader.ValueSpan.SequenceEqual("/"u8) ? "/"
        : Encoding.UTF8.GetString(reader.ValueSpan);
}
