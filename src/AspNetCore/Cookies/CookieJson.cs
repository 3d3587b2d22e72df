using System.Text.Json;

namespace SessionStores.AspNetCore;

/// <summary>Reads and writes the values of a stored cookie with the types that express-session accepts.</summary>
internal static class CookieJson
{
    public static bool TryReadMilliseconds(ref Utf8JsonReader reader, out double? milliseconds)
    {
        reader.Read();
        milliseconds = reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
        return milliseconds is not null || reader.TokenType is JsonTokenType.Null or JsonTokenType.False;
    }

    public static bool TryReadInstant(ref Utf8JsonReader reader, out DateTimeOffset? instant)
    {
        reader.Read();
        instant = null;
        if (reader.TokenType == JsonTokenType.String)
        {
            if (reader.TryGetDateTimeOffset(out var read) || SessionDate.TryParse(reader.GetString(), out read))
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
        priority = Enum.TryParse<SessionCookiePriority>(text, ignoreCase: true, out var read) ? read : SessionCookiePriority.Unset;
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
                sameSite = reader.ValueTextEquals("lax"u8) ? SessionSameSite.Lax
                    : Enum.TryParse<SessionSameSite>(reader.GetString(), ignoreCase: true, out var read) && read != SessionSameSite.Auto ? read
                    : SessionSameSite.Unset;
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
        text = reader.TokenType != JsonTokenType.String ? null : reader.ValueTextEquals("/"u8) ? "/" : reader.GetString();
        return text is not null || reader.TokenType is JsonTokenType.Null or JsonTokenType.False;
    }

    /// <summary>Returns a text as JSON; null for null.</summary>
    public static string? Text(string? text) =>
        text is null ? null : $"\"{JsonEncodedText.Encode(text, SessionJsonEncoder.Instance)}\"";

    /// <summary>Returns the name of a value as express-session writes it; null for the value that omits the attribute.</summary>
    public static string? Word<T>(T value, T omitted)
        where T : struct, Enum => EqualityComparer<T>.Default.Equals(value, omitted) || !Enum.IsDefined(value) ? null : $"\"{value.ToString().ToLowerInvariant()}\"";
}
