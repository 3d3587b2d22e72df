namespace SessionStores.Moving;

/// <summary>Expired sessions of both sides. A session is on one side when it expires, except where a move of it has begun and not ended.</summary>
internal class Expirations(ISessionStore from, ISessionStore to)
{
    private const char OldSide = 'o';
    private const char NewSide = 'n';

    protected ISessionStore To { get; } = to;

    public async ValueTask<IReadOnlyList<ExpiredSession>> ClaimAsync(int size, TimeSpan lease, CancellationToken cancellationToken)
    {
        var claimed = await ClaimAsync(from, OldSide, size, lease, HasExpiredOnOldSideAsync, cancellationToken).ConfigureAwait(false);
        if (claimed.Count < size)
            claimed.AddRange(await ClaimAsync(To, NewSide, size - claimed.Count, lease, static (record, _) => ValueTask.FromResult(!MovingRecord.IsInternal(record)), cancellationToken).ConfigureAwait(false));

        return claimed;
    }

    public async ValueTask ConfirmAsync(IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken)
    {
        foreach (var (store, side) in new[] { (from, OldSide), (To, NewSide) })
        {
            var ofSide = sessions.Where(session => session.Claim.StartsWith(side)).Select(static session => new ExpiredSession(session.Session, session.Claims, session.Claim[1..])).ToList();
            if (ofSide.Count > 0)
                await Lead.CapabilityOf<ISessionExpirations>(store).ConfirmExpiredAsync(ofSide, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether what has expired on the old side is a session, and not what a move or a log-out has left there. A mark whose reservation is gone is that of a
    /// session which has arrived on the new side, and expires there.</summary>
    protected virtual async ValueTask<bool> HasExpiredOnOldSideAsync(SessionRecord record, CancellationToken cancellationToken) =>
        !MovingRecord.IsEnded(record)
        && (MovingRecord.MoveOf(record) is not { } move || await To.GetAsync(MovingRecord.ReservationIdOf(move), null, cancellationToken).ConfigureAwait(false) is not null);

    /// <summary>Claims on one side, and confirms there what is no session.</summary>
    private static async ValueTask<List<ExpiredSession>> ClaimAsync(
        ISessionStore store, char side, int size, TimeSpan lease, Func<SessionRecord, CancellationToken, ValueTask<bool>> isSession, CancellationToken cancellationToken)
    {
        var expirations = Lead.CapabilityOf<ISessionExpirations>(store);
        while (true)
        {
            var sessions = new List<ExpiredSession>();
            var others = new List<ExpiredSession>();
            var claimed = await expirations.ClaimExpiredAsync(size, lease, cancellationToken).ConfigureAwait(false);
            foreach (var expired in claimed)
            {
                if (await isSession(expired.Session, cancellationToken).ConfigureAwait(false))
                    sessions.Add(new ExpiredSession(MovingRecord.Unmarked(expired.Session), expired.Claims, side + expired.Claim));
                else
                    others.Add(expired);
            }

            if (others.Count > 0)
                await expirations.ConfirmExpiredAsync(others, cancellationToken).ConfigureAwait(false);

            if (sessions.Count > 0 || claimed.Count == 0)
                return sessions;
        }
    }
}
