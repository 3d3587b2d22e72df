namespace SessionStores.AspNetCore;

/// <summary>Finds out which sessions a cap has ended, with an event for each. The store ends them in the step that admits the new one, and does not say which: they are those of
/// the subject that were there before it, and are not after it.</summary>
internal sealed class CapEvents(SessionSet set, StoreCalls calls)
{
    /// <summary>Whether a write with this cap can end sessions, and the application wants to know.</summary>
    public bool Watches(SessionCap? cap) => set.Events.IsOn && cap is { EndsOldest: true };

    /// <summary>The sessions of a subject before a write that can end some; none for other writes.</summary>
    public ValueTask<IReadOnlyList<SessionRecord>> BeforeAsync(string? subject, SessionCap? cap, CancellationToken cancellationToken) =>
        subject is not null && Watches(cap) ? ListAsync(subject, withPayloads: true, cancellationToken) : new([]);

    /// <summary>Reports those that a write has ended.</summary>
    public ValueTask AfterAsync(IReadOnlyList<SessionRecord> before, SessionCap? cap, in SessionWriteResult result) =>
        result.Status == SessionWriteStatus.Written && cap is { } limit && before.Count >= limit.Most ? ReportAsync(before, before.Count - limit.Most + 1) : default;

    private async ValueTask ReportAsync(IReadOnlyList<SessionRecord> before, int most)
    {
        IEnumerable<SessionRecord> ended;
        try
        {
            // The session is admitted: whoever logs in does not wait for this to be cancelled, and does not fail with it.
            var left = (await ListAsync(before[0].Subject!, withPayloads: false, CancellationToken.None)).Select(static session => session.Id).ToHashSet(StringComparer.Ordinal);
            ended = before.Where(session => !left.Contains(session.Id)).Take(most);
        }
        catch (SessionStoreException failure)
        {
            set.Metrics.EventFailed(SessionEventKind.Ended, failure.GetType().Name);
            Log.CapNotReported(set.Logger, failure);
            return;
        }

        foreach (var session in ended)
            await set.Events.EndedAsync(session.Id, session, SessionEndReason.Cap);
    }

    private async ValueTask<IReadOnlyList<SessionRecord>> ListAsync(string subject, bool withPayloads, CancellationToken cancellationToken) =>
        await calls.ListBySubjectAsync(subject, withPayloads, cancellationToken).ToListAsync(cancellationToken);
}
