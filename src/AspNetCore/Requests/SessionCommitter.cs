namespace SessionStores.AspNetCore;

/// <summary>Saves the session of a request, and sends its cookie.</summary>
internal sealed class SessionCommitter(SessionSet set, SessionSaver saver)
{
    /// <summary>Runs before the first byte of the response, regardless of what writes it.</summary>
    public Task OnResponseStartingAsync(SessionRequest request)
    {
        if (IsDue(request))
            return CommitAsync(request, isStarting: true);

        Start(request);
        return Task.CompletedTask;
    }

    /// <summary>Saves what there is to save. Can run several times in a request.</summary>
    public Task CommitAsync(SessionRequest request) => IsDue(request) ? CommitAsync(request, isStarting: false) : Task.CompletedTask;

    /// <summary>Whether there is something to save, to extend or to destroy. Most requests only read: for them this is all.</summary>
    private bool IsDue(SessionRequest request)
    {
        if (request.Is503 || request.HasFailed || request.IsWithoutStore || request.IsPeeking || (request.IsSuperseded && !request.IsUnset))
            return false;

        if (request.IsUnset ? !request.IsUnsetDone : IsDue(request, StateOf(request)))
            return true;

        if (request.HasLostStore && request.Mode == SessionMode.ReadWrite)
            request.HasStore();

        return false;
    }

    private SessionState? StateOf(SessionRequest request) =>
        set.Options.SaveUninitialized && request is { HasResponseStarted: false, Mode: SessionMode.ReadWrite } ? request.Begin() : request.State;

    private bool IsDue(SessionRequest request, SessionState? state)
    {
        if (state is null or { IsDestroyed: true })
            return false;

        // What an endpoint has changed is saved even if a page that only reads runs after it.
        if (state.NeedsSave)
            return true;

        if (!state.IsStored)
            return set.Options.SaveUninitialized && request.Mode == SessionMode.ReadWrite;

        if (state.IsWritten || !(state.IsTouchRequested || (!request.IsRefreshed && (set.Options.Resave || state.IsTouchDue))))
        {
            request.IsRefreshed = true;
            return false;
        }

        request.IsRefreshed = true;
        return request.Mode == SessionMode.ReadWrite;
    }

    private async Task CommitAsync(SessionRequest request, bool isStarting)
    {
        // A failure is reported once. An error page that is written because of it must not fail again.
        request.HasFailed = true;
        try
        {
            // The changes of the handler are kept even if the browser has gone away, hence no token.
            if (request is { IsUnset: false, State: { } state } && saver.CanReplaceNow(state))
            {
                // The usual save has one state machine while it waits for the server, not one for each method.
                var content = state.Content();
                var result = await saver.TryReplaceAsync(state, content, CancellationToken.None);
                if (!saver.TryFinish(state, content, result))
                    await saver.ReplaceInTurnAsync(state, hasConflict: true, CancellationToken.None);
            }
            else
            {
                await SaveAsync(request);
            }

            request.HasFailed = false;
            request.HasStore();
        }
        catch (SessionStoreException failure) when (request.ContinuesAfter(failure, "save"))
        {
            request.HasFailed = false;
        }
        catch (SessionStoreException failure) when (request.TryRespond503(failure, "save"))
        {
            // Reported and responded to.
        }

        if (isStarting)
            Start(request);
    }

    /// <summary>Completes the headers of a response that starts.</summary>
    private void Start(SessionRequest request)
    {
        if (request.Is503 || request.IsCookieWritten)
            return;

        request.IsCookieWritten = true;
        if (SendCookie(request) | DeleteFormerCookie(request))
            request.PreventCaching();

        if (request.IsCachingPrevented)
            CachePrevention.Finish(request.Context.Response.Headers);
    }

    private ValueTask SaveAsync(SessionRequest request)
    {
        if (request.IsUnset)
            return UnsetAsync(request);

        var state = request.State!;
        if (state.NeedsSave || !state.IsStored)
            return state.CanBeStored() ? saver.SaveAsync(state, CancellationToken.None) : default;

        return set.Options.Resave ? saver.ResaveAsync(state, CancellationToken.None) : saver.TouchAsync(state, CancellationToken.None);
    }

    private async ValueTask UnsetAsync(SessionRequest request)
    {
        if (set.Options.Unset == UnsetBehavior.Destroy && request.State is { IsDestroyed: false } state)
            await request.DestroyAsync(saver, state, CancellationToken.None);

        request.IsUnsetDone = true;
    }

    /// <summary>Sends or clears the cookie if that is due.</summary>
    /// <returns>Whether it was.</returns>
    private bool SendCookie(SessionRequest request)
    {
        if (request.State is not { } state)
            return false;

        var cookie = state.Data.Cookie;
        if (request.IsUnsetDone || state is { IsDestroyed: true, IsGone: false })
        {
            if (!request.HasCookie || !state.IsDestroyed || !set.Options.ClearCookieOnDestroy || !CanBeSent(cookie))
                return false;

            SetCookieHeader.Clear(request.Context.Response, set.Options.Name, cookie);
            return true;
        }

        if (request.IsSuperseded || request.HasFailed || request.HasLostStore || state.IsDestroyed || !state.IsStored || !IsCookieDue(request, state))
            return false;

        if ((cookie.Secure && !request.IsSecure) || !CanBeSent(cookie))
            return false;

        if (request.HasStaleCookie)
            StaleCookies.Clear(request.Context, set.Options.Name, cookie);

        // Before ours: the framework takes back what was set under one name.
        if (request.FormerCookie is { } former && !former.IsReplacedBy(set.Options.Name, cookie, request.Context))
            former.Delete(request.Context);

        cookie.Touch(state.Data.AbsoluteExpiresAt);
        var value = CookieSignature.Sign(state.Id, set.Secrets[0]);
        SetCookieHeader.Append(request.Context.Response, set.Options.Name, value, cookie, cookie.Expires, request.IsCookieEssential);
        return true;
    }

    private bool IsCookieDue(SessionRequest request, SessionState state) =>
        state.IsCookieDue || request.FormerCookie is not null || ((request.HasStaleCookie || (set.Options.Rolling && !state.IsNew)) && !request.IsPeeking);

    /// <summary>Deletes the cookie of ASP.NET Core's own session where no session takes its place. A session that is stored and whose cookie cannot be sent
    /// now is found again by that cookie.</summary>
    /// <returns>Whether it was deleted.</returns>
    private static bool DeleteFormerCookie(SessionRequest request)
    {
        if (request.FormerCookie is not { } former || request.State is { IsStored: true, IsDestroyed: false })
            return false;

        former.Delete(request.Context);
        return true;
    }

    private bool CanBeSent(SessionCookie cookie)
    {
        if (!cookie.CanBeSent)
            Log.CookieNotSendable(set.Logger);

        return cookie.CanBeSent;
    }
}
