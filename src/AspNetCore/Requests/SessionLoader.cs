using System.Runtime.CompilerServices;

namespace SessionStores.AspNetCore;

/// <summary>Loads the session of a request.</summary>
/// <param name="set">The set of sessions.</param>
/// <param name="calls">The store.</param>
/// <param name="cookies">The cookies of the set.</param>
/// <param name="mover">Moves sessions of ASP.NET Core's own middleware; null if that is off.</param>
internal sealed class SessionLoader(SessionSet set, StoreCalls calls, CookieReader cookies, FrameworkSessionMover? mover)
{
    /// <summary>How many sessions are looked for if a browser sends several valid cookies.</summary>
    private const int MaxIds = 4;

    private readonly SessionReader _reader = new(calls);

    /// <summary>Loads the session, if the request has one, and extends it in the same round trip.</summary>
    /// <param name="request">The request.</param>
    /// <param name="id">The id in the first valid cookie; null without a valid cookie.</param>
    /// <param name="result">Why there is no id.</param>
    /// <returns>False if the response is 503, so that the rest of the pipeline does not run.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> LoadAsync(SessionRequest request, string? id, SessionLoadResult result)
    {
        request.HasCookie = id is not null;
        try
        {
            var slide = request.Slide();
            if (id is not null)
                result = SessionLoadResult.NotFound;

            for (var ids = 1; id is not null; ids++)
            {
                var found = SessionLoadResult.NotFound;
                try
                {
                    // Without the token of the request: the store limits the time of the read, and to cancel it costs drivers and servers more
                    // than to let it end.
                    var record = await calls.GetAsync(id, slide, CancellationToken.None);
                    if (await _reader.OpenAsync(request, record, CancellationToken.None) is { } data)
                    {
                        Take(request, data, record!, slide);
                        found = SessionLoadResult.Loaded;
                    }
                }
                catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
                {
                    Log.SessionUnreadable(set.Logger, failure);
                    found = SessionLoadResult.Unreadable;
                }

                if (!TryNext(request, ids, found, ref result, ref id))
                    break;
            }

            if (result == SessionLoadResult.NotFound && set.Options.RotationGrace > TimeSpan.Zero && request.MissingId is { } former)
                result = await FollowAsync(request, former);

            if (mover is not null && result is not (SessionLoadResult.Loaded or SessionLoadResult.Rotated))
                result = await MoveAsync(mover, request, slide, result);

            request.Finish(result);
            return true;
        }
        catch (SessionStoreException failure) when (failure.IsOutage())
        {
            request.Finish(SessionLoadResult.StoreUnavailable);
            if (request.ContinuesAfter(failure, "load"))
                return true;

            if (!request.TryRespond503(failure, "load"))
                throw;

            return false;
        }
    }

    /// <summary>Looks whether a session was not found because another request has given it a new id. A request that was under way may read it where it only
    /// got a new id; after that time, the cookie may have been stolen.</summary>
    /// <returns>The result of loading.</returns>
    private async ValueTask<SessionLoadResult> FollowAsync(SessionRequest request, string id)
    {
        if (calls.Store.GetCapability<ISessionSuccessors>() is not { } successors)
            return SessionLoadResult.NotFound;

        try
        {
            if (await calls.FindSuccessorAsync(successors, id, CancellationToken.None) is not { } successor)
                return SessionLoadResult.NotFound;

            if (successor.Age > set.Options.RotationGrace)
            {
                set.Metrics.IdReused();
                Log.IdReused(set.Logger, set.Options.RotationGrace);
                await set.Events.ReusedAsync(id, successor.Session);
                return SessionLoadResult.NotFound;
            }

            if (await _reader.OpenAsync(request, successor.Session, CancellationToken.None) is not { } data)
                return SessionLoadResult.NotFound;

            request.IsSuperseded = true;
            if (successor.Rotations == 1 && data.IsRenewed)
                request.Loaded(data, successor.Session);

            return SessionLoadResult.Rotated;
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
        {
            Log.SessionUnreadable(set.Logger, failure);
            return SessionLoadResult.NotFound;
        }
    }

    /// <summary>Looks for a session of ASP.NET Core's own middleware, and loads what it has become.</summary>
    /// <returns>The result of loading.</returns>
    private async ValueTask<SessionLoadResult> MoveAsync(FrameworkSessionMover mover, SessionRequest request, SlidingExpiry? slide, SessionLoadResult result)
    {
        try
        {
            var (former, id) = await mover.MoveAsync(request);
            if (former is null)
                return result;

            var record = id is null ? null : await calls.GetAsync(id, slide, CancellationToken.None);
            var data = await _reader.OpenAsync(request, record, CancellationToken.None);
            if (data is not null)
                Take(request, data, record!, slide);
            else
                request.MissingId = id ?? request.MissingId;

            // Only now: while the store fails, the browser must keep the cookie.
            request.Replace(former);
            return data is null ? SessionLoadResult.NotFound : SessionLoadResult.Loaded;
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
        {
            Log.SessionUnreadable(set.Logger, failure);
            return SessionLoadResult.Unreadable;
        }
    }

    /// <summary>Looks for the next cookie after one without a session: a stale one of another path or domain, for example.</summary>
    /// <returns>Whether there is one to look for.</returns>
    private bool TryNext(SessionRequest request, int ids, SessionLoadResult found, ref SessionLoadResult result, ref string? id)
    {
        if (found == SessionLoadResult.Loaded)
        {
            // A cookie that is not ours is kept, and several cannot be told apart.
            request.HasStaleCookie = ids > 1 && result == SessionLoadResult.NotFound && cookies.AreAllValid(request.Context.Request.Headers.Cookie);
            result = found;
            return false;
        }

        if (ids == 1)
            request.MissingId = found == SessionLoadResult.NotFound ? id : null;

        if (found == SessionLoadResult.Unreadable)
            result = found;

        if (ids == MaxIds || cookies.Read(request.Context.Request.Headers.Cookie, out var next, ids) != SessionLoadResult.Loaded)
            return false;

        id = next;
        return true;
    }

    private void Take(SessionRequest request, SessionData data, SessionRecord record, SlidingExpiry? slide)
    {
        data.Cookie.Touch(data.AbsoluteExpiresAt);
        if (slide is { } due && (record.Remaining is not { } remaining || (remaining >= due.WhenRemainingBelow && remaining != due.ExtendTo.Idle)))
            set.Metrics.TouchSkipped();

        request.Loaded(data, record);
    }
}
