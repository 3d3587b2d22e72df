namespace SessionStores.AspNetCore;

/// <summary>Brings a session and its record in the store together: creates, replaces with merging, gives a new id, extends, destroys, loads
/// again. Never creates a session that is gone.</summary>
internal sealed class SessionSaver(SessionSet set, StoreCalls calls)
{
    private const int MaxIdAttempts = 4;
    private readonly WriterGates _gates = new(set.Clock);
    private readonly SessionReader _reader = new(calls);
    private readonly CapEvents _capEvents = new(set, calls);

    /// <summary>Saves a session, whatever it needs. Afterwards it is either stored or marked as gone.</summary>
    public ValueTask SaveAsync(SessionState state, CancellationToken cancellationToken)
    {
        if (state.RotatesFrom is { } oldId)
            return RotateAsync(state, oldId, cancellationToken);

        return state.IsStored ? ReplaceAsync(state, cancellationToken) : CreateAsync(state, cancellationToken);
    }

    /// <summary>Writes an unchanged session again. Newer content of another writer is kept.</summary>
    public async ValueTask ResaveAsync(SessionState state, CancellationToken cancellationToken)
    {
        var content = state.Content();
        var result = await calls.ReplaceAsync(state.Id, state.Version, content, cancellationToken);
        if (result.Status == SessionWriteStatus.Written)
            Accept(state, "replace", content, result);
        else if (result.Status == SessionWriteStatus.Gone)
            state.MarkGone();
    }

    /// <summary>Extends a stored session.</summary>
    public async ValueTask TouchAsync(SessionState state, CancellationToken cancellationToken)
    {
        var lifetime = state.BeginTouch();
        if (!await calls.TouchAsync(state.Id, lifetime, cancellationToken))
        {
            state.MarkGone();
            return;
        }

        state.AcceptTouch(lifetime);
        set.Metrics.Save("touch");
    }

    /// <summary>Removes a session from the store, if it is there.</summary>
    public async ValueTask DestroyAsync(SessionState state, CancellationToken cancellationToken)
    {
        if (state.IsStored)
        {
            var id = state.RotatesFrom ?? state.Id;
            if (await calls.DestroyAsync(id, cancellationToken))
                await set.Events.EndedAsync(id, state);

            set.Metrics.Save("destroy");
        }
        else if (state.Scope.MissingId is { } missing)
        {
            // Another request may have given the session a new id just before. Whoever logs out ends it.
            if (await calls.DestroyAsync(missing, cancellationToken))
                await set.Events.EndedAsync(missing, null, state.Scope.EndReason);
        }

        state.MarkDestroyed();
    }

    /// <summary>Loads a stored session again and discards unsaved changes.</summary>
    /// <returns>False if the session is gone.</returns>
    public async ValueTask<bool> ReloadAsync(SessionState state, CancellationToken cancellationToken)
    {
        var record = await calls.GetAsync(state.Id, null, cancellationToken);
        if (await _reader.OpenAsync(state.Scope, record, cancellationToken) is not { } data)
        {
            state.MarkGone();
            return false;
        }

        state.Reload(record!, data);
        return true;
    }

    private async ValueTask CreateAsync(SessionState state, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var content = state.Content();
            var cap = CapOf(state, content);
            var others = await _capEvents.BeforeAsync(content.Subject, cap, cancellationToken);
            var result = Admitted(await calls.CreateAsync(state.Id, content, cap, cancellationToken));
            if (result.Status == SessionWriteStatus.Written)
            {
                Accept(state, "create", content, result);
                await set.Events.CreatedAsync(state);
                await _capEvents.AfterAsync(others, cap, result);
                return;
            }

            RenewId(state, attempt);
        }
    }

    private async ValueTask ReplaceAsync(SessionState state, CancellationToken cancellationToken)
    {
        var hasConflict = false;
        if (CanReplaceNow(state))
        {
            var content = state.Content();
            if (TryFinish(state, content, await TryReplaceAsync(state, content, cancellationToken)))
                return;

            hasConflict = true;
        }

        await ReplaceInTurnAsync(state, hasConflict, cancellationToken);
    }

    /// <summary>Whether a session is saved by <see cref="TryReplaceAsync"/>: it is stored, keeps its id, and no writer is known to contend.</summary>
    public bool CanReplaceNow(SessionState state) => state is { IsStored: true, NeedsSave: true, RotatesFrom: null } && !_gates.IsHeld(state.Id);

    /// <summary>Replaces the record, if no other call has. <see cref="TryFinish"/> takes the result.</summary>
    public ValueTask<SessionWriteResult> TryReplaceAsync(SessionState state, in SessionContent content, CancellationToken cancellationToken)
    {
        var cap = CapOf(state, content);
        return _capEvents.Watches(cap) ? ReplaceWatchedAsync(state, content, cap, cancellationToken) : calls.ReplaceAsync(state.Id, state.Version, content, cap, cancellationToken);
    }

    private async ValueTask<SessionWriteResult> ReplaceWatchedAsync(SessionState state, SessionContent content, SessionCap? cap, CancellationToken cancellationToken)
    {
        var others = await _capEvents.BeforeAsync(content.Subject, cap, cancellationToken);
        var result = await calls.ReplaceAsync(state.Id, state.Version, content, cap, cancellationToken);
        await _capEvents.AfterAsync(others, cap, result);
        return result;
    }

    /// <summary>Takes the result of a replacement.</summary>
    /// <returns>False after a conflict: the session is not saved.</returns>
    public bool TryFinish(SessionState state, in SessionContent content, in SessionWriteResult result)
    {
        if (Admitted(result).Status == SessionWriteStatus.Conflict)
            return false;

        if (result.Status == SessionWriteStatus.Gone)
            state.MarkGone();
        else
            Accept(state, "replace", content, result);

        return true;
    }

    /// <summary>Replaces the record when it is the turn of this writer, and merges the changes with those of others.</summary>
    /// <param name="state">The session.</param>
    /// <param name="hasConflict">Whether a replacement has just found that another writer was first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask ReplaceInTurnAsync(SessionState state, bool hasConflict, CancellationToken cancellationToken)
    {
        var gate = await _gates.EnterAsync(state.Id, state.Scope.ClientGone, cancellationToken);
        try
        {
            for (var merges = 0; ;)
            {
                if (hasConflict && !await MergeAsync(state, state.Id, ++merges, cancellationToken))
                    return;

                var content = state.Content();
                if (TryFinish(state, content, await TryReplaceAsync(state, content, cancellationToken)))
                    return;

                hasConflict = true;
                gate ??= await _gates.EnterAsync(state.Id, state.Scope.ClientGone, cancellationToken);
            }
        }
        finally
        {
            gate?.Release();
        }
    }

    private async ValueTask RotateAsync(SessionState state, string oldId, CancellationToken cancellationToken)
    {
        var idAttempts = 1;
        WriterGates.Gate? gate = null;
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var content = state.Content();
                var version = state.RotationKeepsData ? state.Version : SessionVersion.Any;
                var cap = CapOf(state, content);
                var others = await _capEvents.BeforeAsync(content.Subject, cap, cancellationToken);
                var result = Admitted(await calls.RotateAsync(oldId, state.Id, version, content, cap, cancellationToken));
                switch (result.Status)
                {
                    case SessionWriteStatus.Written:
                        Accept(state, "rotate", content, result);
                        await set.Events.RotatedAsync(oldId, state);
                        await _capEvents.AfterAsync(others, cap, result);
                        return;
                    case SessionWriteStatus.Taken:
                        RenewId(state, idAttempts++);
                        break;
                    case SessionWriteStatus.Gone when state.RotationKeepsData:
                        state.MarkGone();
                        return;
                    case SessionWriteStatus.Gone:
                        // Nothing of the old session is kept, so nothing is brought back: this is a new session.
                        await CreateAsync(state, cancellationToken);
                        return;
                    default:
                        gate ??= await _gates.EnterAsync(oldId, state.Scope.ClientGone, cancellationToken);
                        if (!await MergeAsync(state, oldId, attempt, cancellationToken))
                            return;

                        break;
                }
            }
        }
        finally
        {
            gate?.Release();
        }
    }

    /// <summary>The cap of a write that gives a session another subject; null for others, which take no place.</summary>
    private SessionCap? CapOf(SessionState state, in SessionContent content) =>
        content.Subject is null || content.Subject == state.StoredSubject ? null : set.Options.SessionsPerSubject;

    /// <exception cref="SessionLimitException">The subject has too many sessions.</exception>
    private SessionWriteResult Admitted(in SessionWriteResult result) => result.Status == SessionWriteStatus.Full && set.Options.SessionsPerSubject is { } cap
        ? throw new SessionLimitException(cap)
        : result;

    /// <summary>Loads what another request stored and applies this request's changes to it.</summary>
    /// <returns>False if the session is gone.</returns>
    private async ValueTask<bool> MergeAsync(SessionState state, string id, int attempt, CancellationToken cancellationToken)
    {
        if (attempt > set.Options.MaxMergeAttempts)
            throw new SessionConflictException(attempt);

        Log.Merging(set.Logger, attempt);
        var record = await calls.GetAsync(id, null, cancellationToken);
        if (await _reader.OpenAsync(state.Scope, record, cancellationToken) is not { } theirs)
        {
            state.MarkGone();
            return false;
        }

        set.Metrics.Merged(state.Rebase(record!, theirs, ResolveClash));
        return true;
    }

    private ReadOnlyMemory<byte>? ResolveClash(string name, SessionClash clash)
    {
        set.Metrics.Clash();
        if (set.Options.ClashResolvers.TryGetValue(name, out var resolver))
            return resolver(clash);

        return set.Options.Clashes switch
        {
            ClashResolution.FirstWins => clash.Theirs,
            ClashResolution.Fail => throw new SessionConflictException(name),
            _ => clash.Ours,
        };
    }

    private void Accept(SessionState state, string kind, in SessionContent content, in SessionWriteResult result)
    {
        set.Metrics.Save(kind);
        state.Accept(content, result.Version);
    }

    private static void RenewId(SessionState state, int attempt)
    {
        if (attempt >= MaxIdAttempts)
            throw new InvalidOperationException($"SessionStoresOptions.GenerateId returned {MaxIdAttempts} ids that are already in use. It must return a new random id each time it is called.");

        state.RenewId();
    }
}
