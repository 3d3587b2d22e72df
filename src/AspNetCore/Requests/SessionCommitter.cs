using System.Runtime.CompilerServices;

namespace SessionStores.AspNetCore;

/// <summary>Saves the session of a request, and sends its cookie.</summary>
internal sealed class SessionCommitter(SessionSet set, SessionSaver saver)
{
    /// <summary>Runs before the first byte of the response, regardless of what writes it.</summary>
    public async Task OnResponseStartingAsync(SessionRequest request)
    {
        await CommitAsync(request);
        if (request.Is503 || request.IsCookieWritten)
            return;

        request.IsCookieWritten = true;
        if (SendCookie(request))
            request.PreventCaching();

        if (request.IsCachingPrevented)
            CachePrevention.Finish(request.Context.Response.Headers);
    }

    /// <summary>Saves what there is to save. Can run several times in a request.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask CommitAsync(SessionRequest request)
    {
        if (request.Is503 || request.HasFailed || request.IsWithoutStore)
            return;

        // What an endpoint has changed is saved even if a page that only reads runs after it.
        if (request.Mode != SessionMode.ReadWrite && request is { IsUnset: false, State: not { NeedsSave: true } })
            return;

        // A failure is reported once. An error page that is written because of it must not fail again.
        request.HasFailed = true;
        try
        {
            await SaveAsync(request);
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
    }

    /// <summary>The changes of the handler are kept even if the browser has gone away, hence no token.</summary>
    private ValueTask SaveAsync(SessionRequest request)
    {
        if (request.IsUnset)
            return request.IsUnsetDone ? default : UnsetAsync(request);

        var options = set.Options;
        var state = options.SaveUninitialized && !request.HasResponseStarted ? request.Begin() : request.State;
        if (state is null or { IsDestroyed: true })
            return default;

        var isRefreshed = request.IsRefreshed;
        request.IsRefreshed = true;
        if (state.NeedsSave || (!state.IsStored && options.SaveUninitialized))
            return state.CanBeStored() ? saver.SaveAsync(state, CancellationToken.None) : default;

        if (!state.IsStored || state.IsWritten || isRefreshed)
            return default;

        if (options.Resave)
            return saver.ResaveAsync(state, CancellationToken.None);

        return state.IsTouchDue ? saver.TouchAsync(state, CancellationToken.None) : default;
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

        if (request.HasFailed || request.HasLostStore || state.IsDestroyed || !state.IsStored || !(state.IsCookieDue || request.HasStaleCookie || (set.Options.Rolling && !state.IsNew)))
            return false;

        if ((cookie.Secure && !request.IsSecure) || !CanBeSent(cookie))
            return false;

        if (request.HasStaleCookie)
            StaleCookies.Clear(request.Context, set.Options.Name, cookie);

        cookie.Touch(set.Clock.GetUtcNow(), state.Data.AbsoluteExpiresAt);
        var value = CookieSignature.Sign(state.Id, set.Secrets[0]);
        SetCookieHeader.Append(request.Context.Response, set.Options.Name, value, cookie, cookie.Expires, request.IsCookieEssential);
        return true;
    }

    private bool CanBeSent(SessionCookie cookie)
    {
        if (!cookie.CanBeSent)
            Log.CookieNotSendable(set.Logger);

        return cookie.CanBeSent;
    }
}
