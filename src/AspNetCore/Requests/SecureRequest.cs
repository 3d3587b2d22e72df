using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionStores.AspNetCore;

/// <summary>Decides by the option Proxy whether a request came over HTTPS.</summary>
internal static class SecureRequest
{
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

    private static ReadOnlySpan<char> FirstForwardedProtocol(HttpContext context)
    {
        var header = context.Request.Headers["X-Forwarded-Proto"];
        var first = (header.Count == 0 ? "" : header[0] ?? "").AsSpan();
        var comma = first.IndexOf(',');
        return (comma < 0 ? first : first[..comma]).Trim();
    }
}
