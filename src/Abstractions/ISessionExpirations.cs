namespace SessionStores;

/// <summary>A store that hands out each of its expired sessions to one caller, also where many nodes ask (L15): who needs to know of each session that its time is over
/// claims and confirms them in place of <see cref="ISessionPruning.PruneAsync"/>.</summary>
/// <remarks>
/// <para>A claim has a lease. What is confirmed is removed for good; what is not, because its node has stopped, can be claimed again when the lease is over. So each session is claimed
/// at least once, and once only where every claim is confirmed in time.</para>
/// <para>A session that was destroyed, that got a new id or whose expiry was moved is not claimed. Neither is one whose record was removed before by a prune, or whose id was used
/// again. A store that keeps no expired sessions by itself keeps those that expire after the first claim.</para>
/// </remarks>
public interface ISessionExpirations
{
    /// <summary>Claims expired sessions. Also removes what pruning removes beside sessions.</summary>
    /// <remarks>A claimed session is gone for every other operation: it is neither read, listed nor counted, and its id is free.</remarks>
    /// <param name="size">The most sessions: 1 to 1,000.</param>
    /// <param name="lease">How long no other claim gets them, by the clock of the store: 1 second to 1 day.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The sessions, in no particular order; none when there are no more.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size or the lease is out of range.</exception>
    ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(int size, TimeSpan lease, CancellationToken cancellationToken = default);

    /// <summary>Removes claimed sessions for good. Leaves those that another claim has got, because the lease was over.</summary>
    ValueTask ConfirmExpiredAsync(IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken = default);
}
