using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionStores.AspNetCore;

/// <summary>Gives every request its session.</summary>
internal sealed class SessionStoresMiddleware(RequestDelegate next, SessionRuntime runtime)
{
    private readonly SessionSet _set = runtime.Set;
    private readonly Func<object, Task> _onResponseStarting = request => runtime.Committer.OnResponseStartingAsync((SessionRequest)request);

    public Task InvokeAsync(HttpContext context)
    {
        // If it is in the pipeline twice, the first one wins, unless it has left the request alone.
        var others = context.Features.Get<SessionRequest>();
        if (others?.Named(_set.Name) is { Result: not SessionLoadResult.PathMismatch })
            return next(context);

        var mode = context.GetEndpoint()?.Metadata.GetMetadata<SessionModeAttribute>()?.Mode ?? SessionMode.ReadWrite;
        var cookieOptions = mode == SessionMode.None ? _set.Options.Cookie : _set.CookieOptions(context);
        var request = new SessionRequest(_set, runtime.Saver, context, mode, cookieOptions);
        request.Attach(others);
        var outcome = Gate(context, mode, cookieOptions, out var id);
        if (outcome is SessionLoadResult.OptedOut or SessionLoadResult.PathMismatch)
        {
            request.Skip(outcome);
            return next(context);
        }

        if (_set.Options.ServeHttpContextSession && _set.Name.Length == 0)
            request.Bridge();

        if (id is null)
            request.Finish(outcome);

        return RunAsync(context, request, id);
    }

    /// <summary>Loads the session, runs the rest of the pipeline, and saves.</summary>
    private async Task RunAsync(HttpContext context, SessionRequest request, string? id)
    {
        if (id is not null && !await runtime.Loader.LoadAsync(request, id))
            return;

        // Such a response has a cookie even if the application does not ask for its session.
        if (request.State is null ? _set.Options.SaveUninitialized : _set.Options.Rolling)
            request.PreventCaching();

        context.Response.OnStarting(_onResponseStarting, request);
        try
        {
            await next(context);
        }
        catch (Exception) when (request.Is503)
        {
            // The response became 503 without a body while the handler was writing one; the outage has been logged.
            return;
        }

        await runtime.Committer.CommitAsync(request);
    }

    private SessionLoadResult Gate(HttpContext context, SessionMode mode, SessionCookieOptions cookieOptions, out string? id)
    {
        id = null;
        if (mode == SessionMode.None)
            return SessionLoadResult.OptedOut;

        if (cookieOptions.Path != "/" && !CookieRules.PathMatches(OriginalPath(context), cookieOptions.Path))
            return SessionLoadResult.PathMismatch;

        return runtime.Cookies.Read(context.Request.Headers.Cookie, out id);
    }

    /// <summary>The path as the browser sent it: not decoded, including the prefix at which the application is mounted.</summary>
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
