using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Primitives;

namespace SessionStores.AspNetCore;

/// <summary>Keeps responses that depend on a session out of every cache.</summary>
internal static class CachePrevention
{
    private static readonly StringValues NoStore = "no-cache, no-store";
    private static readonly StringValues NoCache = "no-cache";
    private static readonly StringValues Past = "-1";
    private static readonly StringValues Everything = "*";

    /// <summary>Runs as soon as a response depends on a session. Caches within the application decide at the first byte, before the callback
    /// in which the headers of the session are written.</summary>
    /// <param name="context">The request.</param>
    /// <param name="hasOutputCache">Whether the application has output caching.</param>
    public static void Begin(HttpContext context, bool hasOutputCache)
    {
        if (hasOutputCache)
            context.Features.Get<IOutputCacheFeature>()?.Context.AllowCacheStorage = false;

        if (context.Response.HasStarted)
            return;

        // The handler may still assign Cache-Control; response caching then keeps off because of Vary, which Finish removes.
        WriteTo(context.Response.Headers);
        if (context.Response.Headers.Vary.Count == 0)
            context.Response.Headers.Vary = Everything;
    }

    /// <summary>Runs when the headers are sent.</summary>
    public static void Finish(IHeaderDictionary headers)
    {
        WriteTo(headers);
        if (headers.Vary is { Count: > 0 } vary && vary[0] == "*")
            headers.Vary = vary.Count == 1 ? StringValues.Empty : vary.ToArray()[1..];
    }

    /// <summary>The headers that ASP.NET Core's own session writes.</summary>
    private static void WriteTo(IHeaderDictionary headers)
    {
        headers.CacheControl = NoStore;
        headers.Pragma = NoCache;
        headers.Expires = Past;
    }
}
