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

    /// <summary>Loads, runs the rest of the pipeline and saves. What completes at once, as with a store in memory, takes no state machine.</summary>
    private Task RunAsync(HttpContext context, SessionRequest request, string? id)
    {
        if (id is null)
            return RunNextAsync(context, request);

        var loading = request.LoadAsync(id);
        if (!loading.IsCompletedSuccessfully)
            return RunAfterAsync(loading, context, request);

        return loading.Result ? RunNextAsync(context, request) : Task.CompletedTask;
    }

    private async Task RunAfterAsync(ValueTask<bool> loading, HttpContext context, SessionRequest request)
    {
        if (await loading)
            await RunNextAsync(context, request);
    }

    private Task RunNextAsync(HttpContext context, SessionRequest request)
    {
        context.Response.OnStarting(static state => ((SessionRequest)state).OnResponseStartingAsync(), request);
        Task rest;
        try
        {
            rest = next(context);
        }
        catch (Exception) when (request.IsAnsweredUnavailable)
        {
            return Task.CompletedTask;
        }

        if (!rest.IsCompletedSuccessfully)
            return CommitAfterAsync(rest, request);

        var commit = request.CommitAsync();
        if (!commit.IsCompletedSuccessfully)
            return commit.AsTask();

        commit.GetAwaiter().GetResult();
        return Task.CompletedTask;
    }

    private static async Task CommitAfterAsync(Task rest, SessionRequest request)
    {
        try
        {
            await rest;
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

        return runtime.Cookies.Read(context.Request.Headers.Cookie, out id);
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
