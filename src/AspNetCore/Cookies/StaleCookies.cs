using System.Net;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <summary>Clears a session cookie that was left behind by a change of path or domain. A browser does not say with which of them it keeps a cookie,
/// so the ones are cleared under which it could have sent it with this request.</summary>
internal static class StaleCookies
{
    private const int MaxSegments = 6;

    /// <summary>Clears every other cookie of the name.</summary>
    public static void Clear(HttpContext context, string name, SessionCookie live)
    {
        var path = string.IsNullOrEmpty(live.Path) ? "/" : live.Path;
        var domain = string.IsNullOrEmpty(live.Domain) ? null : live.Domain.TrimStart('.');
        var others = Paths(context).Select(other => (Domain: domain, Path: other))
            .Concat(Domains(context.Request.Host.Host).Select(other => (Domain: other, Path: path)))
            .Where(other => other.Path != path || !string.Equals(other.Domain, domain, StringComparison.OrdinalIgnoreCase))
            .Distinct()
            // The framework drops earlier headers whose path begins with the one that is cleared, and without a domain those of every domain.
            .OrderBy(other => other.Domain is not null)
            .ThenBy(other => other.Path.Length);
        foreach (var other in others)
            SetCookieHeader.Clear(context.Response, name, live, other.Domain, other.Path);
    }

    private static IEnumerable<string> Paths(HttpContext context)
    {
        yield return "/";
        var path = BrowserPath.Of(context);
        for (var (end, segments) = (1, 0); end < path.Length && segments < MaxSegments; segments++)
        {
            var slash = path.IndexOf('/', end);
            var length = slash < 0 ? path.Length : slash;
            if (CookieRules.IsPath(path[..length]))
                yield return path[..length];

            end = length + 1;
        }
    }

    /// <summary>No domain, the host, and its parent domains.</summary>
    private static IEnumerable<string?> Domains(string host)
    {
        yield return null;
        if (IPAddress.TryParse(host, out _) || !CookieRules.IsDomain(host))
            yield break;

        for (var domain = host; domain.Contains('.', StringComparison.Ordinal); domain = domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..])
            yield return domain;
    }
}
