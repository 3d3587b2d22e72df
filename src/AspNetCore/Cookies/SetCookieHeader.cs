using System.Buffers;
using System.Globalization;
using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>Writes Set-Cookie with the order and spelling of express-session.</summary>
internal static class SetCookieHeader
{
    private static readonly SearchValues<char> Unescaped =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()");

    /// <summary>The header that sends a session to the browser.</summary>
    public static string Write(string name, string id, SessionSecret secret, SessionCookie cookie, DateTimeOffset? expires) =>
        Write(name, EncodeComponent(CookieSignature.Sign(id, secret)), cookie, expires);

    /// <summary>The header that clears the browser's cookie: the same attributes, and an instant in the past.</summary>
    public static string Clear(string name, SessionCookie cookie) => Write(name, "", cookie, DateTimeOffset.UnixEpoch);

    /// <summary>encodeURIComponent.</summary>
    public static string EncodeComponent(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Unescaped))
            return text;

        var encoded = new StringBuilder(text.Length + 16);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && Unescaped.Contains((char)rune.Value))
            {
                encoded.Append((char)rune.Value);
                continue;
            }

            foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
                encoded.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }

        return encoded.ToString();
    }

    private static string Write(string name, string value, SessionCookie cookie, DateTimeOffset? expires)
    {
        var header = new StringBuilder(160).Append(name).Append('=').Append(value);
        if (!string.IsNullOrEmpty(cookie.Domain))
            header.Append("; Domain=").Append(cookie.Domain);

        if (!string.IsNullOrEmpty(cookie.Path))
            header.Append("; Path=").Append(cookie.Path);

        if (expires is { } instant)
            header.Append("; Expires=").Append(instant.ToString("R", CultureInfo.InvariantCulture));

        if (cookie.HttpOnly)
            header.Append("; HttpOnly");

        if (cookie.Secure)
            header.Append("; Secure");

        if (cookie.Partitioned)
            header.Append("; Partitioned");

        if (cookie.Priority != SessionCookiePriority.Unset)
            header.Append("; Priority=").Append(cookie.Priority);

        if (cookie.SameSite is SessionSameSite.Strict or SessionSameSite.Lax or SessionSameSite.None)
            header.Append("; SameSite=").Append(cookie.SameSite);

        return header.ToString();
    }
}
