using System.Runtime.CompilerServices;

namespace SessionStores.AspNetCore;

/// <summary>Loads the session of a request.</summary>
internal sealed class SessionLoader(SessionSet set, StoreCalls calls)
{
    /// <summary>Loads the session and extends it in the same round trip.</summary>
    /// <returns>False if the response is 503, so that the rest of the pipeline does not run.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> LoadAsync(SessionRequest request, string id)
    {
        request.HasCookie = true;
        var slide = request.Slide();
        try
        {
            // Without the token of the request: the store limits the time of the read, and to cancel it costs drivers and servers more than to
            // let it end.
            var record = await calls.GetAsync(id, slide, CancellationToken.None);
            if (record is null)
                request.Finish(SessionLoadResult.NotFound);
            else if (!SessionData.TryRead(record, set.Clock, out var data))
                FinishUnreadable(request, SessionData.Unreadable, null);
            else if (data.AbsoluteExpiresAt <= record.ReadAt(set.Clock))
                await DestroyAsync(request, record);
            else
                Take(request, data, record, slide);

            return true;
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
        {
            FinishUnreadable(request, "The store cannot read it.", failure);
            return true;
        }
        catch (SessionStoreException failure) when (failure.IsOutage())
        {
            request.Finish(SessionLoadResult.StoreUnavailable);
            if (set.Options.Outage == OutagePolicy.Fail)
                throw;

            set.Metrics.Outage("load");
            Log.LoadOutage(set.Logger, set.Options.Outage, failure);
            if (set.Options.Outage == OutagePolicy.ContinueWithoutSession)
                return true;

            request.Respond503();
            return false;
        }
    }

    private void Take(SessionRequest request, SessionData data, SessionRecord record, in SlidingExpiry slide)
    {
        data.Cookie.Touch(set.Clock.GetUtcNow(), data.AbsoluteExpiresAt);
        if (record.Remaining is not { } remaining || (remaining >= slide.WhenRemainingBelow && remaining != slide.ExtendTo.Idle))
            set.Metrics.TouchSkipped();

        request.Loaded(data, record);
    }

    /// <summary>Ends a session past its absolute limit. A peer that does not know such limits has kept it alive.</summary>
    private async ValueTask DestroyAsync(SessionRequest request, SessionRecord record)
    {
        await calls.DestroyAsync(record.Id, CancellationToken.None);
        request.Finish(SessionLoadResult.NotFound);
    }

    private void FinishUnreadable(SessionRequest request, string reason, SessionStoreException? failure)
    {
        request.Finish(SessionLoadResult.Unreadable);
        Log.SessionUnreadable(set.Logger, reason, failure);
    }
}
