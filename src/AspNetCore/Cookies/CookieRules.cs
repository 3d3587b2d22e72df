using System.Buffers;

namespace SessionStores.AspNetCore;

/// <summary>What is allowed in a cookie (RFC 6265, RFC 7230).</summary>
internal static class CookieRules
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("/-._~!$&'()*+=:@%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static bool IsToken(string? name) => !string.IsNullOrEmpty(name) && !name.AsSpan().ContainsAnyExcept(TokenCharacters);

    public static bool IsPath(string? path) =>
        path is ['/', ..] && !path.AsSpan().ContainsAnyExceptInRange(' ', '~') && !path.Contains(';', StringComparison.Ordinal);

    /// <summary>A host name, with or without a leading dot: labels of letters, digits and inner hyphens.</summary>
    public static bool IsDomain(string domain)
    {
        var host = domain.AsSpan();
        if (host is ['.', ..])
            host = host[1..];

        if (host.IsEmpty || host.Length > 253 || host.ContainsAnyExcept(HostCharacters))
            return false;

        foreach (var range in host.Split('.'))
        {
            var label = host[range];
            if (label.IsEmpty || label.Length > 63 || label[0] == '-' || label[^1] == '-')
                return false;
        }

        return true;
    }

    /// <summary>Whether a domain is another one or below it.</summary>
    public static bool IsWithin(string domain, string other)
    {
        var lower = domain.AsSpan().TrimStart('.');
        var upper = other.AsSpan().TrimStart('.');
        return lower.EndsWith(upper, StringComparison.OrdinalIgnoreCase) && (lower.Length == upper.Length || lower[^(upper.Length + 1)] == '.');
    }

    /// <summary>Whether a request path is within a cookie path (RFC 6265, section 5.1.4): equal, or below a whole segment.</summary>
    public static bool PathMatches(ReadOnlySpan<char> requestPath, string cookiePath) =>
        requestPath.StartsWith(cookiePath, StringComparison.Ordinal) &&
        (requestPath.Length == cookiePath.Length || cookiePath[^1] == '/' || requestPath[cookiePath.Length] == '/');

    /// <summary>Whether a cookie with a path goes to no request to which one with the other path would not go.</summary>
    /// <remarks>Only what needs no escape in a URL (RFC 3986): where headers are folded into one, a comma would begin another cookie.</remarks>
    public static bool IsWithinPath(string path, string outer) => !path.AsSpan().ContainsAnyExcept(PathCharacters) && PathMatches(path, outer);

    /// <summary>Whether a cookie with a domain goes to no host to which one with the other domain would not go.</summary>
    public static bool IsWithinDomain(string domain, string? outer)
    {
        if (outer is null || !IsDomain(domain))
            return false;

        var inner = domain.AsSpan().TrimStart('.');
        var suffix = outer.AsSpan().TrimStart('.');
        return inner.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && (inner.Length == suffix.Length || inner[^(suffix.Length + 1)] == '.');
    }
}
