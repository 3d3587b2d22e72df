using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionStores.AspNetCore;

/// <summary>The path of a request as the browser sees it, which is what it compares with the path of a cookie: not decoded, not rewritten, and
/// with a prefix that a proxy has removed and forwarded-headers middleware has restored.</summary>
internal static class BrowserPath
{
    public static string Of(HttpContext context)
    {
        var (pathBase, path) = (context.Request.PathBase, context.Request.Path);
        var sent = Sent(context);
        if (sent.Length == 0)
            return (pathBase + path).ToUriComponent() is { Length: > 0 } whole ? whole : "/";

        var decoded = Uri.UnescapeDataString(sent);
        var full = pathBase.Value + path.Value;
        if (full.EndsWith(decoded, StringComparison.Ordinal))
            return new PathString(full[..^decoded.Length]).ToUriComponent() + sent;

        // Rewritten, or the path of an error page.
        return !pathBase.HasValue || new PathString(decoded).StartsWithSegments(pathBase) ? sent : pathBase.ToUriComponent() + sent;
    }

    /// <summary>The path in the first line of the request; empty if that has none.</summary>
    private static string Sent(HttpContext context)
    {
        var target = (context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "").AsSpan();
        if (target.Length > 0 && target[0] != '/')
        {
            // Absolute form: http://host/path.
            var scheme = target.IndexOf("://");
            var slash = scheme < 0 ? -1 : target[(scheme + 3)..].IndexOf('/');
            target = scheme < 0 ? default : slash < 0 ? "/" : target[(scheme + 3 + slash)..];
        }

        var query = target.IndexOf('?');
        return (query < 0 ? target : target[..query]).ToString();
    }
}
