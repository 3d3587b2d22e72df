using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionStores.AspNetCore;

/// <summary>Gives every request its session.</summary>
internal sealed class SessionStoresMiddleware(RequestDelegate next, SessionRuntime runtime)
{
    /// <summary>How often a pipeline is looked at for other session middleware.</summary>
    private const int MostChecks = 10_000;

    private readonly SessionSet _set = runtime.Set;
    private readonly Func<object, Task> _onResponseStarting = request => runtime.Committer.OnResponseStartingAsync((SessionRequest)request);
    private int _checks;

    /// <summary>Whether this set is <c>HttpContext.Session</c>.</summary>
    private bool IsBridged => _set.Options.ServeHttpContextSession && _set.Name.Length == 0;

    public Task InvokeAsync(HttpContext context)
    {
        var others = context.Features.Get<SessionRequest>();
        if (others?.Named(_set.Name) is { IsLeftAlone: false } earlier)
        {
            // In the pipeline twice, the first one wins. An error page that runs after the endpoint continues with the session of the request.
            return earlier.IsRunning ? next(context) : RunAsync(context, earlier, null, default, isFirst: false);
        }

        var mode = SessionModeAttribute.Of(context);
        var cookieOptions = mode == SessionMode.None ? _set.Options.Cookie : _set.CookieOptions(context);
        var outcome = Gate(context, mode, cookieOptions, out var id);
        var isLeftAlone = outcome is SessionLoadResult.OptedOut or SessionLoadResult.PathMismatch;
        if (!isLeftAlone && IsBridged && MayCheck())
            WarnIf(context.Features.Get<ISessionFeature>() is not null);

        // Setting a feature makes the context look up the others again, so that both are set in one place.
        var request = new SessionRequest(_set, runtime.Saver, context, cookieOptions);
        request.Attach(others);
        if (isLeftAlone)
        {
            request.Skip(outcome);
            return next(context);
        }

        if (IsBridged)
            request.Bridge();

        return RunAsync(context, request, id, outcome, isFirst: true);
    }

    /// <summary>Loads the session if there is one, runs the rest of the pipeline, and saves.</summary>
    private async Task RunAsync(HttpContext context, SessionRequest request, string? id, SessionLoadResult outcome, bool isFirst)
    {
        if (isFirst && !await runtime.Loader.LoadAsync(request, id, outcome))
            return;

        if (isFirst)
            Begin(context, request);

        request.IsRunning = true;
        try
        {
            await next(context);
        }
        catch (Exception) when (request.Is503)
        {
            // The response became 503 without a body while the handler was writing one; the outage has been logged.
            return;
        }
        catch (SessionStoreException failure) when (request.TryRespond503(failure, "save"))
        {
            // A call of the handler failed: of its session, or through SessionAccess.
            return;
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // A client that leaves is the usual end of a stream or a socket. It makes no difference how the handler learns of it.
            await runtime.Committer.CommitAsync(request);
            throw;
        }
        finally
        {
            request.IsRunning = false;
        }

        await runtime.Committer.CommitAsync(request);
        if (isFirst && IsBridged && MayCheck())
            WarnIf(context.Features.Get<ISessionFeature>() is null);
    }

    private void Begin(HttpContext context, SessionRequest request)
    {
        // Such a response has a cookie even if the application does not ask for its session.
        if (request.State is null ? _set.Options.SaveUninitialized : _set.Options.Rolling)
            request.PreventCaching();

        context.Response.OnStarting(_onResponseStarting, request);
    }

    /// <summary>Whether the first requests are not over. What other middleware there is does not change, so that they show it.</summary>
    private bool MayCheck() => _checks < MostChecks && ++_checks <= MostChecks;

    /// <summary><c>UseSession</c> with options of its own is not noticed at start. It replaces our session, and removes it at its end.</summary>
    private void WarnIf(bool isFrameworkSessionUsed)
    {
        if (isFrameworkSessionUsed)
            Log.TwoSessions(_set.Logger);
    }

    private SessionLoadResult Gate(HttpContext context, SessionMode mode, SessionCookieOptions cookieOptions, out string? id)
    {
        id = null;
        if (mode == SessionMode.None)
            return SessionLoadResult.OptedOut;

        if (cookieOptions.Path != "/" && !CookieRules.PathMatches(BrowserPath.Of(context), cookieOptions.Path))
            return SessionLoadResult.PathMismatch;

        return runtime.Cookies.Read(context.Request.Headers.Cookie, out id);
    }
}
