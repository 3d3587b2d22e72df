namespace SessionStores.AspNetCore;

/// <summary>Delivers the expiries of sessions: claims them, so that one node gets each, and confirms those that the handlers have taken.</summary>
/// <remarks>This takes the place of pruning. A session that the handlers do not take is delivered again after its lease, a few times, and then given up: a handler that fails does not keep
/// expired sessions in the store.</remarks>
internal sealed class ExpiryEvents(SessionSet set, StoreCalls calls, ISessionExpirations expirations)
{
    /// <summary>How many sessions are claimed, and delivered at the same time.</summary>
    private const int BatchSize = 50;

    /// <summary>How often a session is delivered at most.</summary>
    public const int MostClaims = 5;

    /// <summary>Delivers until no more sessions have expired.</summary>
    public async Task DeliverAsync(CancellationToken cancellationToken)
    {
        // The handlers have their time one after the other; what is left is for the calls to the store.
        var lease = (set.Options.EventTimeout * set.Events.Handlers) + TimeSpan.FromMinutes(1);
        while (await calls.ClaimExpiredAsync(expirations, BatchSize, lease, cancellationToken) is { Count: > 0 } claimed)
        {
            var taken = await Task.WhenAll(claimed.Select(session => DeliverAsync(session, cancellationToken)));
            await calls.ConfirmExpiredAsync(expirations, [.. claimed.Where((_, index) => taken[index])], cancellationToken);
        }
    }

    /// <returns>Whether the session is done with.</returns>
    private async Task<bool> DeliverAsync(ExpiredSession session, CancellationToken cancellationToken)
    {
        if (session.Claims > 1)
            set.Metrics.EventRepeated();

        if (await set.Events.ExpiredAsync(session.Session, session.Session.ExpiresAt, cancellationToken))
            return true;

        if (session.Claims < MostClaims)
            return false;

        Log.EventGivenUp(set.Logger, session.Claims);
        return true;
    }
}
