using System.Runtime.CompilerServices;

namespace SessionStores.AspNetCore;

/// <summary>Loads the session of a request.</summary>
internal sealed class SessionLoader(SessionSet set, StoreCalls calls, CookieReader cookies)
{
    /// <summary>How many sessions are looked for if a browser sends several valid cookies.</summary>
    private const int MaxIds = 4;

    private readonly SessionReader _reader = new(calls);

    /// <summary>Loads the session and extends it in the same round trip.</summary>
    /// <returns>False if the response is 503, so that the rest of the pipeline does not run.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> LoadAsync(SessionRequest request, string id)
    {
        request.HasCookie = true;
        try
        {
            var result = await TryLoadAsync(request, id);
            if (result != SessionLoadResult.Loaded)
            {
                request.MissingId = result == SessionLoadResult.NotFound ? id : null;
                result = await TryOthersAsync(request, result);
            }

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

    /// <summary>The first cookie has no session: a stale one of another path or domain, for example. Looks for the next one that has.</summary>
    private async ValueTask<SessionLoadResult> TryOthersAsync(SessionRequest request, SessionLoadResult result)
    {
        var headers = request.Context.Request.Headers.Cookie;
        for (var skip = 1; skip < MaxIds && cookies.Read(headers, out var id, skip) == SessionLoadResult.Loaded; skip++)
        {
            var other = await TryLoadAsync(request, id!);
            if (other == SessionLoadResult.Loaded)
            {
                // A cookie that is not ours is kept, and several cannot be told apart.
                request.HasStaleCookie = result == SessionLoadResult.NotFound && cookies.AreAllValid(headers);
                return other;
            }

            if (other == SessionLoadResult.Unreadable)
                result = other;
        }

        return result;
    }

    private async ValueTask<SessionLoadResult> TryLoadAsync(SessionRequest request, string id)
    {
        var slide = request.Slide();
        try
        {
            // Without the token of the request: the store limits the time of the read, and to cancel it costs drivers and servers more than to
            // let it end.
            var record = await calls.GetAsync(id, slide, CancellationToken.None);
            if (await _reader.OpenAsync(request, record, CancellationToken.None) is not { } data)
                return SessionLoadResult.NotFound;

            Take(request, data, record!, slide);
            return SessionLoadResult.Loaded;
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
        {
            Log.SessionUnreadable(set.Logger, failure);
            return SessionLoadResult.Unreadable;
        }
    }

    private void Take(SessionRequest request, SessionData data, SessionRecord record, in SlidingExpiry slide)
    {
        data.Cookie.Touch(set.Clock.GetUtcNow(), data.AbsoluteExpiresAt);
        if (record.Remaining is not { } remaining || (remaining >= slide.WhenRemainingBelow && remaining != slide.ExtendTo.Idle))
            set.Metrics.TouchSkipped();

        request.Loaded(data, record);
    }
}
