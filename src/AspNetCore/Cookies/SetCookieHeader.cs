using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using SameSiteMode = Microsoft.AspNetCore.Http.SameSiteMode;

namespace SessionStores.AspNetCore;

/// <summary>Sends session cookies through the response cookies of the framework, so that <c>UseCookiePolicy</c> applies, and writes the result
/// with the encoding, order and spelling of express-session.</summary>
internal static class SetCookieHeader
{
    private static readonly SearchValues<char> Unescaped =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()");

    /// <summary>Sends a session to the browser, unless the policy of the application suppresses the cookie.</summary>
    public static void Append(HttpResponse response, string name, string value, SessionCookie cookie, DateTimeOffset? expires, bool isEssential)
    {
        var before = response.Headers.SetCookie;
        response.Cookies.Append(name, value, OptionsOf(cookie, expires, isEssential));
        Respell(response.Headers, before);
    }

    /// <summary>Clears the browser's cookie: the same attributes, and an instant in the past.</summary>
    public static void Clear(HttpResponse response, string name, SessionCookie cookie) => Clear(response, name, cookie, cookie.Domain, cookie.Path);

    /// <summary>Clears the browser's cookie of another domain or path.</summary>
    public static void Clear(HttpResponse response, string name, SessionCookie cookie, string? domain, string? path)
    {
        var before = response.Headers.SetCookie;
        var options = OptionsOf(cookie, null, isEssential: true);
        options.Domain = string.IsNullOrEmpty(domain) ? null : domain;
        options.Path = string.IsNullOrEmpty(path) ? null : path;
        response.Cookies.Delete(name, options);
        Respell(response.Headers, before);
    }

    /// <summary>Whether the policy of the application lets the cookie out. It decides by more than consent, so it is asked with a cookie that is
    /// taken back.</summary>
    public static bool WouldBeSent(HttpResponse response, string name, SessionCookie cookie, bool isEssential)
    {
        var before = response.Headers.SetCookie;
        response.Cookies.Append(name, "", OptionsOf(cookie, null, isEssential));
        var isSent = response.Headers.SetCookie.Count != before.Count;
        response.Headers.SetCookie = before;
        return isSent;
    }

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

    private static CookieOptions OptionsOf(SessionCookie cookie, DateTimeOffset? expires, bool isEssential)
    {
        var options = new CookieOptions
        {
            Domain = string.IsNullOrEmpty(cookie.Domain) ? null : cookie.Domain,
            Path = string.IsNullOrEmpty(cookie.Path) ? null : cookie.Path,
            Expires = expires,
            HttpOnly = cookie.HttpOnly,
            Secure = cookie.Secure,
            IsEssential = isEssential,
            SameSite = cookie.SameSite switch
            {
                SessionSameSite.Strict => SameSiteMode.Strict,
                SessionSameSite.Lax => SameSiteMode.Lax,
                SessionSameSite.None => SameSiteMode.None,
                _ => SameSiteMode.Unspecified,
            },
        };
        if (cookie.Partitioned)
            options.Extensions.Add("Partitioned");

        if (cookie.Priority != SessionCookiePriority.Unset)
            options.Extensions.Add($"Priority={cookie.Priority}");

        return options;
    }

    /// <summary>Writes the header that the framework has just added as express-session would.</summary>
    private static void Respell(IHeaderDictionary headers, in StringValues before)
    {
        var written = headers.SetCookie;
        if (written.Count == 0 || (before.Count > 0 && ReferenceEquals(written[^1], before[^1])) || !SetCookieHeaderValue.TryParse(written[^1], out var cookie))
            return;

        var lines = written.ToArray();
        lines[^1] = Spell(cookie);
        headers.SetCookie = lines;
    }

    private static string Spell(SetCookieHeaderValue cookie)
    {
        var header = new StringBuilder(160).Append(cookie.Name.AsSpan()).Append('=').Append(EncodeComponent(Uri.UnescapeDataString(cookie.Value.ToString())));
        if (cookie.Domain.Length > 0)
            header.Append("; Domain=").Append(cookie.Domain.AsSpan());

        if (cookie.Path.Length > 0)
            header.Append("; Path=").Append(cookie.Path.AsSpan());

        if (cookie.Expires is { } expires)
            header.Append("; Expires=").Append(expires.ToString("R", CultureInfo.InvariantCulture));

        if (cookie.HttpOnly)
            header.Append("; HttpOnly");

        if (cookie.Secure)
            header.Append("; Secure");

        foreach (var extension in cookie.Extensions)
        {
            if (IsOfExpress(extension))
                header.Append("; ").Append(extension.AsSpan());
        }

        if (cookie.SameSite != Microsoft.Net.Http.Headers.SameSiteMode.Unspecified)
            header.Append("; SameSite=").Append(cookie.SameSite);

        // What express-session never writes, a policy has added.
        if (cookie.MaxAge is { } maxAge)
            header.Append(CultureInfo.InvariantCulture, $"; max-age={(long)maxAge.TotalSeconds}");

        foreach (var extension in cookie.Extensions)
        {
            if (!IsOfExpress(extension))
                header.Append("; ").Append(extension.AsSpan());
        }

        return header.ToString();
    }

    private static bool IsOfExpress(StringSegment extension) =>
        extension.Equals("Partitioned", StringComparison.Ordinal) || extension.StartsWith("Priority=", StringComparison.Ordinal);
}
