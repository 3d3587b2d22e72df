using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

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

    /// <summary>Returns the ids of every record of this browser: its sessions of all sets, and its sign-ins that <c>AddSessionTickets</c> keeps.
    /// For "log out everywhere else": <c>DestroyBySubjectAsync(userId, await context.GetSessionIdsAsync())</c>; and to mark them in a list
    /// (<see cref="SessionInfo.IsCurrent"/>).</summary>
    /// <remarks>The sign-in of every such scheme is authenticated, and where an endpoint has no session, that of the browser is looked for.</remarks>
    /// <param name="context">The request.</param>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public static async Task<IReadOnlyCollection<string>> GetSessionIdsAsync(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var set in context.RequestServices.GetServices<SessionSetName>())
        {
            if (SessionRequest.Find(context, set.Name)?.State is { } state)
                ids.UnionWith(state.Ids);
            else if (await FindLiveIdAsync(context.RequestServices.GetRequiredKeyedService<SessionRuntime>(set.Name), context.Request.Headers.Cookie) is { } id)
                ids.Add(id);
        }

        foreach (var scheme in context.RequestServices.GetServices<SessionTicketScheme>())
        {
            if (await scheme.KeyOfAsync(context) is { } key)
                ids.Add(key);
        }

        return ids;
    }

    /// <summary>Returns the id that a request would take: that of the first cookie whose session is live.</summary>
    private static async Task<string?> FindLiveIdAsync(SessionRuntime sessions, StringValues headers)
    {
        for (var skip = 0; sessions.Cookies.Read(headers, out var id, skip) == SessionLoadResult.Loaded; skip++)
        {
            try
            {
                if (await sessions.Calls.GetAsync(id!, null, CancellationToken.None) is not null)
                    return id;
            }
            catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
            {
                // No request can use it, so that there is nothing to keep.
            }
        }

        return null;
    }
}
