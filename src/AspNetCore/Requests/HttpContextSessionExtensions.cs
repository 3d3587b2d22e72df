using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <summary>The session of a request.</summary>
public static class HttpContextSessionExtensions
{
    /// <summary>Returns the session of this request. Null if it has none: the middleware did not run, the endpoint opted out, the path is
    /// outside of the cookie's path, the store cannot be reached, or the session was destroyed or unset.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The name of the set of sessions; empty for the default one.</param>
    public static HttpSession? GetHttpSession(this HttpContext context, string name = "")
    {
        ArgumentNullException.ThrowIfNull(context);
        return SessionRequest.Find(context, name)?.Session;
    }

    /// <summary>Returns why this request has this session, or has none.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The name of the set of sessions; empty for the default one.</param>
    public static SessionLoadResult GetSessionLoadResult(this HttpContext context, string name = "")
    {
        ArgumentNullException.ThrowIfNull(context);
        return SessionRequest.Find(context, name)?.Result ?? SessionLoadResult.NotRun;
    }

    /// <summary>Drops the session of this request, as <c>req.session = null</c> does. The option <see cref="SessionStoresOptions.Unset"/>
    /// decides whether the stored session is destroyed or kept.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The name of the set of sessions; empty for the default one.</param>
    public static void UnsetSession(this HttpContext context, string name = "")
    {
        ArgumentNullException.ThrowIfNull(context);
        SessionRequest.Find(context, name)?.Unset();
    }
}
