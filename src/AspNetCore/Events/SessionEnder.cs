namespace SessionStores.AspNetCore;

/// <summary>Destroys sessions of which only the ids are known, with an event for each.</summary>
internal sealed class SessionEnder(SessionSet set, StoreCalls calls)
{
    /// <summary>Destroys a session. Whose it was is read before only if the application wants to know.</summary>
    /// <returns>Whether it was there.</returns>
    public async ValueTask<bool> EndAsync(string id, SessionEndReason reason, CancellationToken cancellationToken)
    {
        var record = set.Events.IsOn ? await FindAsync(id, cancellationToken) : null;
        if (!await calls.DestroyAsync(id, cancellationToken))
            return false;

        await set.Events.EndedAsync(id, record, reason);
        return true;
    }

    /// <summary>Destroys the sessions of a subject or with a key, in one step of the store, with an event for each that was there before it.</summary>
    /// <param name="sessions">The sessions. Read only if the application wants to know.</param>
    /// <param name="exceptIds">The ids to keep.</param>
    /// <param name="destroy">Destroys them.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async ValueTask<long> EndAllAsync(
        IAsyncEnumerable<SessionRecord> sessions, IReadOnlyCollection<string>? exceptIds, Func<CancellationToken, ValueTask<long>> destroy, CancellationToken cancellationToken)
    {
        if (!set.Events.IsOn)
            return await destroy(cancellationToken);

        var listed = new List<SessionRecord>();
        await foreach (var session in sessions)
        {
            if (exceptIds?.Contains(session.Id, StringComparer.Ordinal) != true)
                listed.Add(session);
        }

        var ended = await destroy(cancellationToken);
        foreach (var session in listed)
        {
            // Where the numbers differ, some came, went or were kept under the id that they had before.
            if (ended == listed.Count || await FindAsync(session.Id, CancellationToken.None) is null)
                await set.Events.EndedAsync(session.Id, session, SessionEndReason.Access);
        }

        return ended;
    }

    /// <summary>Ends all sessions of a subject at once, with an event for each that was there before.</summary>
    /// <param name="owner">The subject as it is stored.</param>
    /// <param name="sessions">The sessions of the subject. Read only if the application wants to know.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async ValueTask VoidAllAsync(string owner, IAsyncEnumerable<SessionRecord> sessions, CancellationToken cancellationToken)
    {
        var listed = new List<SessionRecord>();
        if (set.Events.IsOn)
        {
            await foreach (var session in sessions)
                listed.Add(session);
        }

        await calls.VoidBySubjectAsync(owner, cancellationToken);
        foreach (var session in listed)
            await set.Events.EndedAsync(session.Id, session, SessionEndReason.Access);
    }

    private async ValueTask<SessionRecord?> FindAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return await calls.GetAsync(id, null, cancellationToken);
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
        {
            return null;
        }
    }
}
