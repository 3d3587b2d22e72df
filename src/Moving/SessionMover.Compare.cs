namespace SessionStores.Moving;

/// <content>The comparison of both sides.</content>
public sealed partial class SessionMover
{
    private const int MostDifferences = 100;

    /// <summary>Two lifetimes that differ by less are the same: the two sides are read one after the other.</summary>
    private static readonly TimeSpan LifetimeBound = TimeSpan.FromSeconds(10);

    /// <summary>Compares each session of the old side with the new side, and changes nothing.</summary>
    /// <remarks>May be called while requests are served. A session that is being moved at that moment may be found on both sides: compare again. Ids are
    /// never part of the result.</remarks>
    /// <param name="progress">Called after every 100 sessions with their number; never concurrently.</param>
    /// <param name="cancellationToken">Ends the comparison.</param>
    /// <returns>What is on the old side, and how it is on the new side.</returns>
    /// <exception cref="SessionStoreException">A server failed, so the result is not known.</exception>
    public async Task<SessionComparison> CompareAsync(Action<long>? progress = null, CancellationToken cancellationToken = default)
    {
        var gate = new Lock();
        var found = new Dictionary<SessionDifferenceKind, long>();
        var differences = new List<SessionDifference>();
        var listed = 0L;
        await Parallel.ForEachAsync(_oldSessions.AllAsync(cancellationToken: cancellationToken), Options(cancellationToken), async (record, token) =>
        {
            var kind = await CompareAsync(record, token).ConfigureAwait(false);
            lock (gate)
            {
                listed++;
                if (kind is { } known)
                {
                    found[known] = found.GetValueOrDefault(known) + 1;
                    if (differences.Count < MostDifferences)
                        differences.Add(new SessionDifference(SessionHandle.Of(record.Id), known));
                }

                if (listed % ProgressInterval == 0)
                    progress?.Invoke(listed);
            }
        }).ConfigureAwait(false);

        // A listing skips what it cannot read; the count does not.
        var stored = await _oldSessions.LengthAsync(cancellationToken).ConfigureAwait(false);
        return new SessionComparison { Found = found, Differences = differences, Unreadable = Math.Max(0, stored - listed) };
    }

    /// <summary>Compares one session; null when it is not on the old side.</summary>
    private async ValueTask<SessionDifferenceKind?> CompareAsync(SessionRecord listed, CancellationToken cancellationToken)
    {
        var moved = await _store.To.GetAsync(listed.Id, null, cancellationToken).ConfigureAwait(false);

        // The old side once more: a session that was moved since it was listed is missing there now.
        var old = await _store.From.GetAsync(listed.Id, null, cancellationToken).ConfigureAwait(false);
        if (old is null)
            return null;

        if (moved is null)
            return SessionDifferenceKind.Missing;

        if (!moved.Payload.Span.SequenceEqual(MovingRecord.Unmark(old).Span))
            return SessionDifferenceKind.Payload;

        if (moved.Subject != old.Subject || (moved.Key is not null && moved.Key != old.Key))
            return SessionDifferenceKind.Subject;

        return IsSameLifetime(old, moved) ? SessionDifferenceKind.Same : SessionDifferenceKind.Lifetime;
    }

    /// <summary>The same instant, or where the clocks of the two servers differ, the same remaining life.</summary>
    private static bool IsSameLifetime(SessionRecord old, SessionRecord moved) => old.Remaining is { } first && moved.Remaining is { } second
        ? (old.ExpiresAt - moved.ExpiresAt).Duration() < LifetimeBound || (first - second).Duration() < LifetimeBound
        : old.Remaining is null && moved.Remaining is null;
}
