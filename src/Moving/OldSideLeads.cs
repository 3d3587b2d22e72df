using System.Runtime.CompilerServices;

namespace SessionStores.Moving;

/// <summary>Stage <see cref="MovingStage.Prepare"/>: sessions are created on the old side and stay where they are. Those that nodes in the next stage have
/// moved are used on the new side.</summary>
/// <remarks>A write on the old side is bound to the version of an unmarked record, so that it either comes before the mark of a move, or meets it and goes to
/// the new side.</remarks>
internal sealed class OldSideLeads(MovingSteps steps) : Lead(steps)
{
    private readonly NewSideLeads _newSide = new(steps);

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

    /// <remarks>Only one store can count in the step that writes. It is the old side while all sessions of the subject are there. When some have moved, nodes of the next
    /// stage run and none that knows only the old side, so that the subject may have its sessions on the new side.</remarks>
    public override async ValueTask<SessionWriteResult> WriteAsync(CappedWrite write, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await FindUnmarkedAsync(write.Id, cancellationToken).ConfigureAwait(false);
            var isElsewhere = found is null && await To.GetAsync(write.Id, null, cancellationToken).ConfigureAwait(false) is not null;
            if (isElsewhere || await HasMovedAsync(write.Subject, cancellationToken).ConfigureAwait(false))
                return await _newSide.WriteAsync(write, cancellationToken).ConfigureAwait(false);

            // By the version that was read, so that a mark of a move is not overwritten.
            var isBound = found is not null && write.Version is { IsAny: true };
            var result = await write.RunAsync(From, isBound ? found!.Version : write.Version, cancellationToken).ConfigureAwait(false);
            if (result.Status is not (SessionWriteStatus.Conflict or SessionWriteStatus.Gone) || found is null
                || (result.Status == SessionWriteStatus.Conflict && !isBound && found.Version != write.Version))
            {
                return result;
            }
        }
    }

    public override async ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken)
    {
        var (old, current) = (CapabilityOf<ISessionSuccessors>(From), CapabilityOf<ISessionSuccessors>(To));
        if (await old.FindSuccessorAsync(id, cancellationToken).ConfigureAwait(false) is { } link)
        {
            if (!MovingRecord.IsMarked(link.Session))
                return link;

            await Steps.FinishAsync(link.Session.Id, cancellationToken).ConfigureAwait(false);
            return await Steps.ArrivedAsync(link, cancellationToken).ConfigureAwait(false);
        }

        // An id that was rotated on the new side may have been taken again here.
        return await From.GetAsync(id, null, cancellationToken).ConfigureAwait(false) is null ? await current.FindSuccessorAsync(id, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <remarks>Keeps the ids of the sessions of the old side while it lists, since nodes in the next stage move sessions in the meantime.</remarks>
    public override IAsyncEnumerable<SessionRecord> AllAsync(CancellationToken cancellationToken) =>
        BothAsync(CapabilityOf<ISessionEnumeration>(From).AllAsync(cancellationToken: cancellationToken), CapabilityOf<ISessionEnumeration>(To).AllAsync(cancellationToken: cancellationToken), cancellationToken);

    /// <remarks>Lists all sessions that are found for each page, in the order of the ids: one that is moved between two pages keeps its place.</remarks>
    public override async ValueTask<SessionPage> PageByAsync(Finder by, string text, int size, string? continuation, CancellationToken cancellationToken)
    {
        var position = SessionPage.PositionOf(by.NameOf(text), continuation);
        var all = BothAsync(
            by.In(From).ListBySubjectAsync(text, cancellationToken: cancellationToken),
            by.In(To).ListBySubjectAsync(text, cancellationToken: cancellationToken),
            cancellationToken);
        var records = new List<SessionRecord>();
        await foreach (var record in all.ConfigureAwait(false))
        {
            if (string.CompareOrdinal(record.Id, position) > 0)
                records.Add(record);
        }

        records.Sort(static (one, other) => string.CompareOrdinal(one.Id, other.Id));
        return records.Count > size
            ? new SessionPage(records[..size], SessionPage.ContinuationAfter(by.NameOf(text), records[size - 1].Id))
            : new SessionPage(records, null);
    }

    /// <remarks>Ends the sessions of the old side one by one, because the step of that store for all of them does not know of moves that are under way.</remarks>
    public override async ValueTask<long> DestroyByAsync(Finder by, string text, IReadOnlySet<string> kept, CancellationToken cancellationToken)
    {
        var (old, current) = (by.In(From), by.In(To));
        var destroyed = 0L;
        long before;
        do
        {
            // Once more, for sessions that were rotated while they were listed.
            before = destroyed;
            var listed = new List<string>();
            await foreach (var record in old.ListBySubjectAsync(text, cancellationToken: cancellationToken).ConfigureAwait(false))
                listed.Add(record.Id);

            // After the listing: a session to keep that is rotated later has an id that was not listed.
            var keptNow = await WithSuccessorsAsync(kept, cancellationToken).ConfigureAwait(false);
            foreach (var id in listed)
            {
                if (await EndFoundAsync(id, by, text, keptNow, cancellationToken).ConfigureAwait(false))
                    destroyed++;
            }
        }
        while (destroyed > before);

        return destroyed + await current.DestroyBySubjectAsync(text, kept, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends a session that was just listed, or what it became on the old side since, if it is still found. One that is being moved is ended on the new side
    /// afterwards.</summary>
    private async ValueTask<bool> EndFoundAsync(string id, Finder by, string text, HashSet<string> kept, CancellationToken cancellationToken)
    {
        while (!kept.Contains(id))
        {
            if (await FindUnmarkedAsync(id, cancellationToken).ConfigureAwait(false) is { } found)
            {
                if (!by.Finds(found, text))
                    return false;

                if ((await From.ReplaceAsync(id, found.Version, MovingRecord.Ended, cancellationToken).ConfigureAwait(false)).Status == SessionWriteStatus.Written)
                    return true;
            }
            else if (From.GetCapability<ISessionSuccessors>() is not { } successors)
            {
                return await Steps.EndAsync(id, cancellationToken).ConfigureAwait(false);
            }
            else if (await successors.FindSuccessorAsync(id, cancellationToken).ConfigureAwait(false) is { } successor)
            {
                id = successor.Session.Id;
            }
            else
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Adds what ids became by rotations on the old side, where that store can tell.</summary>
    private async ValueTask<HashSet<string>> WithSuccessorsAsync(IReadOnlySet<string> ids, CancellationToken cancellationToken)
    {
        var all = new HashSet<string>(ids, StringComparer.Ordinal);
        if (From.GetCapability<ISessionSuccessors>() is not { } successors)
            return all;

        foreach (var id in ids)
        {
            if (await successors.FindSuccessorAsync(id, cancellationToken).ConfigureAwait(false) is { } successor)
                all.Add(successor.Session.Id);
        }

        return all;
    }

    private async ValueTask<bool> HasMovedAsync(string subject, CancellationToken cancellationToken) =>
        (await CapabilityOf<ISessionSubjects>(To).PageBySubjectAsync(subject, 1, null, withPayloads: false, cancellationToken).ConfigureAwait(false)).Sessions.Count > 0;

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
