using System.Runtime.CompilerServices;

namespace SessionStores.AspNetCore;

/// <summary>Brings a session into the store: creates, replaces with merging, or gives a new id. Never brings back a session that is gone.</summary>
internal sealed class SessionSaver(SessionRuntime runtime)
{
    private const int MaxIdAttempts = 4;
    private readonly WriterGates _gates = new();

    /// <summary>Saves whatever the session is. Afterwards it is either stored or marked as gone.</summary>
    public ValueTask SaveAsync(HttpSession session, CancellationToken cancellationToken)
    {
        if (session.RotatesFrom is { } oldId)
            return RotateAsync(session, oldId, cancellationToken);

        return session.IsStored ? ReplaceAsync(session, cancellationToken) : CreateAsync(session, cancellationToken);
    }

    /// <summary>Writes an unchanged session once more. Somebody else's newer content stands.</summary>
    public async ValueTask ResaveAsync(HttpSession session, CancellationToken cancellationToken)
    {
        var content = session.Content();
        var result = await runtime.Calls.ReplaceAsync(session.Id, session.Version, content, cancellationToken);
        if (result.Status == SessionWriteStatus.Written)
        {
            runtime.Metrics.Save("replace");
            session.Accept(content, result.Version);
        }
        else if (result.Status == SessionWriteStatus.Gone)
        {
            session.MarkGone();
        }
    }

    private async ValueTask CreateAsync(HttpSession session, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var content = session.Content();
            var result = await runtime.Calls.CreateAsync(session.Id, content, cancellationToken);
            if (result.Status == SessionWriteStatus.Written)
            {
                runtime.Metrics.Save("create");
                session.Accept(content, result.Version);
                return;
            }

            TakeOtherId(session, attempt);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReplaceAsync(HttpSession session, CancellationToken cancellationToken)
    {
        var gate = await _gates.EnterIfHeldAsync(session.Id, cancellationToken);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var content = session.Content();
                var result = await runtime.Calls.ReplaceAsync(session.Id, session.Version, content, cancellationToken);
                if (result.Status == SessionWriteStatus.Written)
                {
                    runtime.Metrics.Save("replace");
                    session.Accept(content, result.Version);
                    return;
                }

                if (result.Status == SessionWriteStatus.Gone)
                {
                    session.MarkGone();
                    return;
                }

                gate ??= await _gates.EnterAsync(session.Id, cancellationToken);
                if (!await MergeAsync(session, session.Id, attempt, cancellationToken))
                    return;
            }
        }
        finally
        {
            gate?.Release();
        }
    }

    private async ValueTask RotateAsync(HttpSession session, string oldId, CancellationToken cancellationToken)
    {
        var idAttempts = 1;
        for (var attempt = 1; ; attempt++)
        {
            var content = session.Content();
            var result = await runtime.Calls.RotateAsync(oldId, session.Id, session.RotationKeepsData ? session.Version : null, content, cancellationToken);
            switch (result.Status)
            {
                case SessionWriteStatus.Written:
                    runtime.Metrics.Save("rotate");
                    session.Accept(content, result.Version);
                    return;
                case SessionWriteStatus.Taken:
                    TakeOtherId(session, idAttempts++);
                    break;
                case SessionWriteStatus.Gone when session.RotationKeepsData:
                    session.MarkGone();
                    return;
                case SessionWriteStatus.Gone:
                    // Nothing of the old session goes on, so there is nothing to bring back: this is a new session.
                    await CreateAsync(session, cancellationToken);
                    return;
                default:
                    if (!await MergeAsync(session, oldId, attempt, cancellationToken))
                        return;

                    break;
            }
        }
    }

    /// <summary>Loads what another request stored and puts this request's changes onto it. Answers false when the session is gone.</summary>
    private async ValueTask<bool> MergeAsync(HttpSession session, string id, int attempt, CancellationToken cancellationToken)
    {
        if (attempt > runtime.Options.MaxMergeAttempts)
            throw new SessionConflictException(attempt);

        Log.Merging(runtime.Logger, attempt);
        var record = await runtime.Calls.GetAsync(id, null, cancellationToken);
        if (record is null)
        {
            session.MarkGone();
            return false;
        }

        runtime.Metrics.Merged(session.Rebase(record, ResolveClash));
        return true;
    }

    private ReadOnlyMemory<byte>? ResolveClash(string name, SessionClash clash)
    {
        runtime.Metrics.Clash();
        if (runtime.Options.ClashResolvers.TryGetValue(name, out var resolver))
            return resolver(clash);

        return runtime.Options.Clashes switch
        {
            ClashResolution.FirstWins => clash.Theirs,
            ClashResolution.Fail => throw new SessionConflictException(name),
            _ => clash.Ours,
        };
    }

    private static void TakeOtherId(HttpSession session, int attempt)
    {
        if (attempt >= MaxIdAttempts)
            throw new InvalidOperationException("SessionStoresOptions.GenerateId keeps answering ids that are taken.");

        session.TakeOtherId();
    }
}
