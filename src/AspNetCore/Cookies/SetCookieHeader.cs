using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace SessionStores.AspNetCore;

/// <summary>Sends session cookies through the response cookies of the framework, so that <c>UseCookiePolicy</c> applies, and writes the result
/// with the encoding, order and spelling of express-session.</summary>
internal static class SetCookieHeader
{
    private static readonly SearchValues<char> Unescaped =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()");

    private const string SameSite = "SameSite=";

    /// <summary>The attributes of express-session, with its spelling and in its order.</summary>
    private static readonly string[] Attributes = ["Domain=", "Path=", "Expires=", "HttpOnly", "Secure", "Partitioned", "Priority=", SameSite];

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

    /// <summary>Asks the policy of the application what it makes of the cookie. It decides by more than consent, so it is asked with a cookie
    /// that is taken back.</summary>
    public static (bool IsSent, bool IsSecure) Preview(HttpResponse response, string name, SessionCookie cookie, bool isEssential)
    {
        var before = response.Headers.SetCookie;
        response.Cookies.Append(name, "", OptionsOf(cookie, null, isEssential));
        var after = response.Headers.SetCookie;
        response.Headers.SetCookie = before;
        var isSent = after.Count != before.Count;
        return (isSent, isSent && after[^1]!.Split("; ").Contains("Secure", StringComparer.OrdinalIgnoreCase));
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
        if (written.Count == 0 || written[^1] is not { } last || (before.Count > 0 && ReferenceEquals(last, before[^1])))
            return;

        var lines = written.ToArray();
        lines[^1] = Spell(last.Split("; "));
        headers.SetCookie = lines;
    }

    private static string Spell(string[] parts)
    {
        var equals = parts[0].IndexOf('=', StringComparison.Ordinal) + 1;
        var header = new StringBuilder(160).Append(parts[0], 0, equals).Append(EncodeComponent(Uri.UnescapeDataString(parts[0][equals..])));
        var others = parts.Skip(1).ToList();
        foreach (var name in Attributes)
        {
            var index = others.FindIndex(part => part.StartsWith(name, StringComparison.OrdinalIgnoreCase) && (name[^1] == '=' || part.Length == name.Length));
            if (index < 0)
                continue;

            var value = others[index].AsSpan(name.Length);
            header.Append("; ").Append(name);
            if (name == SameSite && !value.IsEmpty)
                header.Append(char.ToUpperInvariant(value[0])).Append(value[1..]);
            else
                header.Append(value);

            others.RemoveAt(index);
        }

        // What express-session never writes, a policy has added.
        foreach (var other in others)
            header.Append("; ").Append(other);

        return header.ToString();
    }
}
