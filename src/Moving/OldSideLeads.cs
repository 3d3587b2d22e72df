using System.Runtime.CompilerServices;

namespace SessionStores.Moving;

/// <summary>Stage <see cref="MovingStage.Prepare"/>: sessions are created on the old side and stay where they are. Those that nodes in the next stage have
/// moved are used on the new side.</summary>
/// <remarks>A write on the old side is bound to the version of an unmarked record, so that it either comes before the mark of a move, or meets it and goes to
/// the new side.</remarks>
internal sealed class OldSideLeads(MovingSteps steps) : Lead(steps)
{
    public override async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide, CancellationToken cancellationToken)
    {
        if (await From.GetAsync(id, slide, cancellationToken).ConfigureAwait(false) is { } record)
        {
            if (!MovingRecord.IsMarked(record))
                return record;

            await Steps.FinishAsync(id, cancellationToken).ConfigureAwait(false);
        }

        return await To.GetAsync(id, slide, cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken) =>
        await To.GetAsync(id, null, cancellationToken).ConfigureAwait(false) is null
            ? await From.CreateAsync(id, content, cancellationToken).ConfigureAwait(false)
            : SessionWriteResult.NotWritten(SessionWriteStatus.Taken);

    public override ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken) =>
        ChangeAsync(id, version, (store, expected) => store.ReplaceAsync(id, expected, content, cancellationToken), cancellationToken);

    public override async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken)
    {
        try
        {
            while ((await SetOnceAsync(id, content, cancellationToken).ConfigureAwait(false)).Status != SessionWriteStatus.Written)
            {
                // It was changed, moved or ended since it was read.
            }
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
        {
            await From.SetAsync(id, content, cancellationToken).ConfigureAwait(false);
        }
    }

    public override async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken)
    {
        if (await FindUnmarkedAsync(id, cancellationToken).ConfigureAwait(false) is not null
            && await From.TouchAsync(id, lifetime, cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        return await To.TouchAsync(id, lifetime, cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken) =>
        ChangeAsync(id, version, (store, expected) => store.RotateAsync(id, newId, expected, content, cancellationToken), cancellationToken);

    /// <remarks>Keeps the ids of the sessions of the old side while it lists, since nodes in the next stage move sessions in the meantime.</remarks>
    public override IAsyncEnumerable<SessionRecord> AllAsync(CancellationToken cancellationToken) =>
        BothAsync(CapabilityOf<ISessionEnumeration>(From).AllAsync(cancellationToken: cancellationToken), CapabilityOf<ISessionEnumeration>(To).AllAsync(cancellationToken: cancellationToken), cancellationToken);

    /// <remarks>Lists all sessions of the subject for each page, in the order of the ids: one that is moved between two pages keeps its place.</remarks>
    public override async ValueTask<SessionPage> PageBySubjectAsync(string subject, int size, string? continuation, CancellationToken cancellationToken)
    {
        var position = SessionPage.PositionOf(subject, continuation);
        var all = BothAsync(
            CapabilityOf<ISessionSubjects>(From).ListBySubjectAsync(subject, cancellationToken: cancellationToken),
            CapabilityOf<ISessionSubjects>(To).ListBySubjectAsync(subject, cancellationToken: cancellationToken),
            cancellationToken);
        var records = new List<SessionRecord>();
        await foreach (var record in all.ConfigureAwait(false))
        {
            if (string.CompareOrdinal(record.Id, position) > 0)
                records.Add(record);
        }

        records.Sort(static (one, other) => string.CompareOrdinal(one.Id, other.Id));
        return records.Count > size
            ? new SessionPage(records[..size], SessionPage.ContinuationAfter(subject, records[size - 1].Id))
            : new SessionPage(records, null);
    }

    /// <remarks>Ends the sessions of the old side one by one, because the step of that store for all of them does not know of moves that are under way. What an
    /// id to keep became by a rotation is kept on the new side only.</remarks>
    public override async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlySet<string> kept, CancellationToken cancellationToken)
    {
        var (old, current) = (CapabilityOf<ISessionSubjects>(From), CapabilityOf<ISessionSubjects>(To));
        var destroyed = 0L;
        long before;
        do
        {
            // Once more, for sessions that were rotated while they were listed.
            before = destroyed;
            await foreach (var record in old.ListBySubjectAsync(subject, cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                if (!kept.Contains(record.Id) && await Steps.EndAsync(record.Id, cancellationToken).ConfigureAwait(false))
                    destroyed++;
            }
        }
        while (destroyed > before);

        return destroyed + await current.DestroyBySubjectAsync(subject, kept, cancellationToken).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<SessionRecord> BothAsync(
        IAsyncEnumerable<SessionRecord> old, IAsyncEnumerable<SessionRecord> current, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var listed = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var record in old.ConfigureAwait(false))
        {
            if (MovingRecord.IsMarked(record))
            {
                await Steps.FinishAsync(record.Id, cancellationToken).ConfigureAwait(false);
                continue;
            }

            listed.Add(record.Id);
            yield return record;
        }

        await foreach (var record in current.ConfigureAwait(false))
        {
            if (!MovingRecord.IsInternal(record) && !listed.Contains(record.Id))
                yield return record;
        }
    }

    /// <summary>Replaces or rotates a session on the side where it is.</summary>
    private async ValueTask<SessionWriteResult> ChangeAsync(
        string id, SessionVersion version, Func<ISessionStore, SessionVersion, ValueTask<SessionWriteResult>> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await FindUnmarkedAsync(id, cancellationToken).ConfigureAwait(false) is not { } found)
                return await change(To, version).ConfigureAwait(false);

            var result = await change(From, version.IsAny ? found.Version : version).ConfigureAwait(false);
            if (result.Status is SessionWriteStatus.Written or SessionWriteStatus.Taken)
                return result;

            // Otherwise it was changed, marked or ended since it was read.
            if (result.Status == SessionWriteStatus.Conflict && !version.IsAny && found.Version != version)
                return result;
        }
    }

    private async ValueTask<SessionWriteResult> SetOnceAsync(string id, SessionContent content, CancellationToken cancellationToken)
    {
        if (await FindUnmarkedAsync(id, cancellationToken).ConfigureAwait(false) is { } found)
            return await From.ReplaceAsync(id, found.Version, content, cancellationToken).ConfigureAwait(false);

        var result = await To.ReplaceAsync(id, SessionVersion.Any, content, cancellationToken).ConfigureAwait(false);
        return result.Status == SessionWriteStatus.Written ? result : await From.CreateAsync(id, content, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a session of the old side, and finishes the move of one that is marked.</summary>
    /// <returns>Null when the session is not, or no longer, on the old side.</returns>
    private async ValueTask<SessionRecord?> FindUnmarkedAsync(string id, CancellationToken cancellationToken)
    {
        var found = await From.GetAsync(id, null, cancellationToken).ConfigureAwait(false);
        if (found is null || !MovingRecord.IsMarked(found))
            return found;

        await Steps.FinishAsync(id, cancellationToken).ConfigureAwait(false);
        return null;
    }
}
