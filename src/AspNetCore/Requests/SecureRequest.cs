using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionStores.AspNetCore;

/// <summary>Decides by the option Proxy whether a request came over HTTPS.</summary>
internal static class SecureRequest
{
    private const string Localhost = "localhost";

    public static bool IsSecure(HttpContext context, bool? proxy)
    {
        if (context.Features.Get<ITlsConnectionFeature>() is not null)
            return true;

        return proxy switch
        {
            false => false,
            null => context.Request.IsHttps,
            true => FirstForwardedProtocol(context).Equals("https", StringComparison.OrdinalIgnoreCase),
        };
    }

    /// <summary>Whether the browser asked its own machine. A cookie of such a host is sent to no other machine, whatever responds here.</summary>
    public static bool IsToThisMachine(HttpContext context)
    {
        var host = context.Request.Host.Host;
        return host.Equals(Localhost, StringComparison.OrdinalIgnoreCase)
            || host.EndsWith("." + Localhost, StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }

    private static ReadOnlySpan<char> FirstForwardedProtocol(HttpContext context)
    {
        var header = context.Request.Headers["X-Forwarded-Proto"];
        var first = (header.Count == 0 ? "" : header[0] ?? "").AsSpan();
        var comma = first.IndexOf(',');
        return (comma < 0 ? first : first[..comma]).Trim();
    }
}
