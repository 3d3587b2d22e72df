using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SessionStores.Moving;

/// <summary>Stage <see cref="MovingStage.Move"/>: everything happens on the new side. What is not there is looked for on the old side, moved, and then
/// looked for on the new side once more.</summary>
/// <remarks>No session goes back to the old side and none is created there. So when the old side was empty for an id, the second look at the new side
/// decides, also when another node moved the session in between.</remarks>
internal class NewSideLeads(MovingSteps steps) : Lead(steps)
{
    /// <summary>How many sessions a listing moves at a time.</summary>
    private const int Parallelism = 8;

    public override async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide, CancellationToken cancellationToken)
    {
        if (await To.GetAsync(id, slide, cancellationToken).ConfigureAwait(false) is { } record)
            return record;

        await Steps.SettleAsync(id, cancellationToken).ConfigureAwait(false);
        return await To.GetAsync(id, slide, cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken) =>
        CreateAsync(id, () => To.CreateAsync(id, content, cancellationToken), cancellationToken);

    public override ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken) =>
        ChangeAsync(id, version, loaded => To.ReplaceAsync(id, loaded, content, cancellationToken), cancellationToken);

    public override async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken)
    {
        try
        {
            await Steps.SettleAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
        {
            await From.DestroyAsync(id, cancellationToken).ConfigureAwait(false);
        }

        await To.SetAsync(id, content, cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken)
    {
        if (await To.TouchAsync(id, lifetime, cancellationToken).ConfigureAwait(false))
            return true;

        await Steps.SettleAsync(id, cancellationToken).ConfigureAwait(false);
        return await To.TouchAsync(id, lifetime, cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken)
    {
        // A session of the old side holds its id too.
        await Steps.SettleAsync(newId, cancellationToken).ConfigureAwait(false);
        return await ChangeAsync(id, version, loaded => To.RotateAsync(id, newId, loaded, content, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <remarks>Moves the other sessions of the subject first, so that the new side counts all of them in the step that writes: none joins a subject on the
    /// old side.</remarks>
    public override async ValueTask<SessionWriteResult> WriteAsync(CappedWrite write, CancellationToken cancellationToken)
    {
        await GatherAsync(write, cancellationToken).ConfigureAwait(false);
        if (write.Version is not { } version)
            return await CreateAsync(write.Id, () => write.RunAsync(To, null, cancellationToken), cancellationToken).ConfigureAwait(false);

        if (write.NewId is { } newId)
            await Steps.SettleAsync(newId, cancellationToken).ConfigureAwait(false);

        return await ChangeAsync(write.Id, version, loaded => write.RunAsync(To, loaded, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken)
    {
        var (old, current) = (CapabilityOf<ISessionSuccessors>(From), CapabilityOf<ISessionSuccessors>(To));
        if (await current.FindSuccessorAsync(id, cancellationToken).ConfigureAwait(false) is { } found)
            return found;

        // A node in the stage Prepare has rotated it on the old side.
        if (await old.FindSuccessorAsync(id, cancellationToken).ConfigureAwait(false) is not { } link)
            return null;

        await Steps.SettleAsync(link.Session.Id, cancellationToken).ConfigureAwait(false);
        return await Steps.ArrivedAsync(link, cancellationToken).ConfigureAwait(false);
    }

    /// <remarks>Moves what it lists first: a session that another node moves in the meantime would otherwise be seen twice, or not at all.</remarks>
    public override async IAsyncEnumerable<SessionRecord> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sessions = CapabilityOf<ISessionEnumeration>(To);
        await MoveAllAsync(CapabilityOf<ISessionEnumeration>(From).AllAsync(cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false);
        await foreach (var record in sessions.AllAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (!MovingRecord.IsInternal(record))
                yield return record;
        }
    }

    /// <remarks>The first page moves all of them, so that those which are there throughout are on the new side before the listing begins.</remarks>
    public override async ValueTask<SessionPage> PageByAsync(Finder by, string text, int size, string? continuation, CancellationToken cancellationToken)
    {
        var sessions = by.In(To);
        if (continuation is null)
            await MoveAllAsync(by.In(From).ListBySubjectAsync(text, cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false);

        return await sessions.PageBySubjectAsync(text, size, continuation, withPayloads: true, cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask<long> DestroyByAsync(Finder by, string text, IReadOnlySet<string> kept, CancellationToken cancellationToken)
    {
        var sessions = by.In(To);
        await MoveAllAsync(by.In(From).ListBySubjectAsync(text, cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false);
        return await sessions.DestroyBySubjectAsync(text, kept, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<SessionWriteResult> CreateAsync(string id, Func<ValueTask<SessionWriteResult>> create, CancellationToken cancellationToken)
    {
        if (await From.GetAsync(id, null, cancellationToken).ConfigureAwait(false) is { } found)
        {
            if (!MovingRecord.IsMarked(found))
                return SessionWriteResult.NotWritten(SessionWriteStatus.Taken);

            await Steps.FinishAsync(id, cancellationToken).ConfigureAwait(false);
        }

        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var result = await create().ConfigureAwait(false);
            if (result.Status != SessionWriteStatus.Taken || await To.GetAsync(id, null, cancellationToken).ConfigureAwait(false) is not null || Stopwatch.GetElapsedTime(began) >= Steps.ArrivalLimit)
                return result;

            // A server that rotates in several steps holds the id for a move that comes too late, until it finds no reservation.
            await Task.Delay(MovingSteps.Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task MoveAllAsync(IAsyncEnumerable<SessionRecord> records, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        records,
        new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
        async (record, token) => await SettleWhereItIsAsync(record.Id, token).ConfigureAwait(false));

    /// <summary>Moves a session that was just listed, or what it became since by rotations of nodes in the stage <see cref="MovingStage.Prepare"/>.</summary>
    /// <returns>Whether this call has moved it.</returns>
    private async ValueTask<bool> SettleWhereItIsAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            // What was found may have been rotated before it could be marked.
            var (_, isMoved) = await Steps.SettleAsync(id, cancellationToken).ConfigureAwait(false);
            if (isMoved || From.GetCapability<ISessionSuccessors>() is not { } successors
                || await successors.FindSuccessorAsync(id, cancellationToken).ConfigureAwait(false) is not { } successor)
            {
                return isMoved;
            }

            id = successor.Session.Id;
        }
    }

    /// <summary>Moves the other sessions of the subject. One after the other, in the order in which they got the subject: the new side takes the order in which they arrive for
    /// that in which they joined.</summary>
    protected virtual async ValueTask GatherAsync(CappedWrite write, CancellationToken cancellationToken)
    {
        var records = new List<SessionRecord>();
        await foreach (var record in CapabilityOf<ISessionSubjects>(From).ListBySubjectAsync(write.Subject, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (record.Id != write.Id)
                records.Add(record);
        }

        foreach (var record in records.OrderBy(MovingRecord.JoinedAt).ThenBy(static record => record.ExpiresAt))
        {
            if (await SettleWhereItIsAsync(record.Id, cancellationToken).ConfigureAwait(false))
                await Steps.NextInstantAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Replaces or rotates a session on the new side, and moves it there first when it is not.</summary>
    private async ValueTask<SessionWriteResult> ChangeAsync(
        string id, SessionVersion version, Func<SessionVersion, ValueTask<SessionWriteResult>> change, CancellationToken cancellationToken)
    {
        var isBrought = false;
        while (true)
        {
            var result = await change(version).ConfigureAwait(false);
            if (result.Status == SessionWriteStatus.Gone && !isBrought)
            {
                version = await BringAsync(id, version, cancellationToken).ConfigureAwait(false);
                isBrought = true;
                continue;
            }

            // A store that decides in two commands reports a conflict for a session that arrives, as it was loaded, between them.
            if (result.Status != SessionWriteStatus.Conflict
                || (!version.IsAny && (await To.GetAsync(id, null, cancellationToken).ConfigureAwait(false))?.Version != version))
            {
                return result;
            }
        }
    }

    /// <summary>Moves a session that a writer is about to change.</summary>
    /// <returns>The version of the same content on the new side, where the writer loaded the content from the old side.</returns>
    private async ValueTask<SessionVersion> BringAsync(string id, SessionVersion version, CancellationToken cancellationToken)
    {
        var (found, _) = await Steps.SettleAsync(id, cancellationToken).ConfigureAwait(false);
        if (version.IsAny || found is null || found.Version != version)
            return version;

        return await To.GetAsync(id, null, cancellationToken).ConfigureAwait(false) is { } record && record.Payload.Span.SequenceEqual(found.Payload.Span) && record.Subject == found.Subject && record.Key == Steps.KeyOf(found)
            ? record.Version
            : version;
    }
}
