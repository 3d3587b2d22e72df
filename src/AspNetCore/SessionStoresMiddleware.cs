using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionStores.AspNetCore;

/// <summary>Gives every request its session.</summary>
internal sealed class SessionStoresMiddleware(RequestDelegate next, SessionRuntime runtime)
{
    public Task InvokeAsync(HttpContext context)
    {
        // Mounted twice, the first one wins, unless it has left the request alone.
        var others = context.Features.Get<SessionRequest>();
        if (others?.Named(runtime.Name) is { Result: not SessionLoadResult.PathMismatch })
            return next(context);

        var mode = context.GetEndpoint()?.Metadata.GetMetadata<ISessionModeMetadata>()?.Mode ?? SessionMode.ReadWrite;
        var cookieOptions = mode == SessionMode.None ? runtime.Options.Cookie : runtime.CookieOptions(context);
        var request = new SessionRequest(runtime, context, mode, cookieOptions);
        request.Attach(others);
        var outcome = Gate(context, mode, cookieOptions, out var id);
        if (outcome is SessionLoadResult.OptedOut or SessionLoadResult.PathMismatch)
        {
            request.Result = outcome;
            return next(context);
        }

        if (runtime.Options.ServeHttpContextSession && runtime.Name.Length == 0)
            request.Bridge();

        if (id is null)
        {
            request.Result = outcome;
            runtime.Metrics.Load(outcome);
        }

        return RunAsync(context, request, id);
    }

    private async Task RunAsync(HttpContext context, SessionRequest request, string? id)
    {
        if (id is not null && !await request.LoadAsync(id))
            return;

        context.Response.OnStarting(static state => ((SessionRequest)state).OnResponseStartingAsync(), request);
        try
        {
            await next(context);
        }
        catch (Exception) when (request.IsAnsweredUnavailable)
        {
            // The response became 503 with no body while the handler was writing one; the outage has been logged.
            return;
        }

        await request.CommitAsync();
    }

    private SessionLoadResult Gate(HttpContext context, SessionMode mode, SessionCookieOptions cookieOptions, out string? id)
    {
        id = null;
        if (mode == SessionMode.None)
            return SessionLoadResult.OptedOut;

        if (cookieOptions.Path != "/" && !CookieRules.PathMatches(OriginalPath(context), cookieOptions.Path))
            return SessionLoadResult.PathMismatch;

        return CookieReader.Read(context.Request.Headers.Cookie, runtime.Options.Name, runtime.Secrets, out id);
    }

    /// <summary>The path as the browser sent it: not decoded, with whatever prefix the application is mounted at.</summary>
    private static ReadOnlySpan<char> OriginalPath(HttpContext context)
    {
        var target = (context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "").AsSpan();
        if (target.Length > 0 && target[0] != '/')
        {
            // Absolute form: http://host/path.
            var scheme = target.IndexOf("://");
            var slash = scheme < 0 ? -1 : target[(scheme + 3)..].IndexOf('/');
            target = scheme < 0 ? default : slash < 0 ? "/" : target[(scheme + 3 + slash)..];
        }

        if (target.IsEmpty)
            target = (context.Request.PathBase + context.Request.Path).ToUriComponent();

        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        return path.IsEmpty ? "/" : path;
    }
}
