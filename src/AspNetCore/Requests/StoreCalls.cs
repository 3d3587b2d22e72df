using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SessionStores.AspNetCore;

/// <summary>All calls of this package to the store of a set: limited in time if the options say so, with durations and spans while something
/// collects them, and otherwise passed straight to the store.</summary>
internal sealed partial class StoreCalls(ISessionStore store, SessionSet set)
{
    /// <summary>The size of a page with payloads.</summary>
    private const int ListedAtOnce = 100;

    private readonly SessionMetrics _metrics = set.Metrics;
    private readonly TimeSpan? _timeout = set.Options.OperationTimeout;
    private readonly string _system = StoreSpans.SystemOf(store);

    public ISessionStore Store { get; } = store;

    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    private ISessionSubjects Subjects => Store.GetCapability<ISessionSubjects>() ?? throw new NotSupportedException(
        $"{Store.GetType().Name} keeps no subjects: it does not offer ISessionSubjects. Choose a store that does, such as MemoryStore, RedisStore, PostgresStore or MongoStore.");

    /// <exception cref="NotSupportedException">The store has no caps.</exception>
    private ISessionCaps Caps => Store.GetCapability<ISessionCaps>() ?? throw new NotSupportedException(
        $"{Store.GetType().Name} cannot limit the sessions of a subject: it does not offer ISessionCaps. Set SessionStoresOptions.SessionsPerSubject to null, or choose a store that does, such as MemoryStore, RedisStore, PostgresStore or MongoStore.");

    private bool IsPlain => _timeout is null && !_metrics.IsTiming && !StoreSpans.Source.HasListeners();

    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide, CancellationToken cancellationToken) => IsPlain
        ? Store.GetAsync(id, slide, cancellationToken)
        : CallAsync("get", Store, (id, slide), static (store, call, token) => store.GetAsync(call.id, call.slide, token), cancellationToken);

    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken) => IsPlain
        ? Store.CreateAsync(id, content, cancellationToken)
        : CallAsync("create", Store, (id, content), static (store, call, token) => store.CreateAsync(call.id, call.content, token), cancellationToken);

    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken) => IsPlain
        ? Store.ReplaceAsync(id, version, content, cancellationToken)
        : CallAsync("replace", Store, (id, version, content), static (store, call, token) => store.ReplaceAsync(call.id, call.version, call.content, token), cancellationToken);

    public ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken) => IsPlain
        ? Store.RotateAsync(id, newId, version, content, cancellationToken)
        : CallAsync("rotate", Store, (id, newId, version, content), static (store, call, token) => store.RotateAsync(call.id, call.newId, call.version, call.content, token), cancellationToken);

    /// <exception cref="NotSupportedException">There is a cap, and the store has none.</exception>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap? cap, CancellationToken cancellationToken) => cap is not { } limit
        ? CreateAsync(id, content, cancellationToken)
        : CallAsync("create", Caps, (id, content, limit), static (store, call, token) => store.CreateAsync(call.id, call.content, call.limit, token), cancellationToken);

    /// <exception cref="NotSupportedException">There is a cap, and the store has none.</exception>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap? cap, CancellationToken cancellationToken) => cap is not { } limit
        ? ReplaceAsync(id, version, content, cancellationToken)
        : CallAsync(
            "replace", Caps, (id, version, content, limit),
            static (store, call, token) => store.ReplaceAsync(call.id, call.version, call.content, call.limit, token), cancellationToken);

    /// <exception cref="NotSupportedException">There is a cap, and the store has none.</exception>
    public ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap? cap, CancellationToken cancellationToken) => cap is not { } limit
        ? RotateAsync(id, newId, version, content, cancellationToken)
        : CallAsync(
            "rotate", Caps, (id, newId, version, content, limit),
            static (store, call, token) => store.RotateAsync(call.id, call.newId, call.version, call.content, call.limit, token), cancellationToken);

    public ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken) => IsPlain
        ? Store.TouchAsync(id, lifetime, cancellationToken)
        : CallAsync("touch", Store, (id, lifetime), static (store, call, token) => store.TouchAsync(call.id, call.lifetime, token), cancellationToken);

    public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken) => IsPlain
        ? Store.DestroyAsync(id, cancellationToken)
        : CallAsync("destroy", Store, id, static (store, id, token) => store.DestroyAsync(id, token), cancellationToken);

    /// <summary>Finds what a rotated id became.</summary>
    public ValueTask<SessionSuccessor?> FindSuccessorAsync(ISessionSuccessors successors, string id, CancellationToken cancellationToken) => IsPlain
        ? successors.FindSuccessorAsync(id, cancellationToken)
        : CallAsync("find_successor", successors, id, static (store, id, token) => store.FindSuccessorAsync(id, token), cancellationToken);

    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    public ValueTask<SessionPage> PageBySubjectAsync(string subject, int size, string? continuation, bool withPayloads, CancellationToken cancellationToken) => IsPlain
        ? Subjects.PageBySubjectAsync(subject, size, continuation, withPayloads, cancellationToken)
        : CallAsync(
            "list_by_subject", Subjects, (subject, size, continuation, withPayloads),
            static (store, call, token) => store.PageBySubjectAsync(call.subject, call.size, call.continuation, call.withPayloads, token), cancellationToken);

    /// <summary>Lists all pages of a subject.</summary>
    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    public async IAsyncEnumerable<SessionRecord> ListBySubjectAsync(string subject, bool withPayloads, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var page = await PageBySubjectAsync(subject, withPayloads ? ListedAtOnce : SessionPage.MaxSize, continuation, withPayloads, cancellationToken);
            foreach (var record in page.Sessions)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    public ValueTask<long> CountBySubjectAsync(string subject, CancellationToken cancellationToken) => IsPlain
        ? Subjects.CountBySubjectAsync(subject, cancellationToken)
        : CallAsync("count_by_subject", Subjects, subject, static (store, subject, token) => store.CountBySubjectAsync(subject, token), cancellationToken);

    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds, CancellationToken cancellationToken) => IsPlain
        ? Subjects.DestroyBySubjectAsync(subject, exceptIds, cancellationToken)
        : CallAsync("destroy_by_subject", Subjects, (subject, exceptIds), static (store, call, token) => store.DestroyBySubjectAsync(call.subject, call.exceptIds, token), cancellationToken);

    /// <summary>Ends all sessions of a subject: by an epoch where the store has them, otherwise by destroying each.</summary>
    /// <exception cref="NotSupportedException">The store has no epochs and keeps no subjects.</exception>
    public async ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken)
    {
        if (Store.GetCapability<ISessionEpochs>() is not { } epochs)
        {
            await DestroyBySubjectAsync(subject, null, cancellationToken);
            return;
        }

        await CallAsync("void_by_subject", epochs, subject, static async (store, subject, token) =>
        {
            await store.VoidBySubjectAsync(subject, token);
            return true;
        }, cancellationToken);
    }

    public ValueTask<long> PruneAsync(ISessionPruning pruning, CancellationToken cancellationToken) =>
        CallAsync("prune", pruning, 0, static (store, _, token) => store.PruneAsync(cancellationToken: token), cancellationToken);

    public ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(ISessionExpirations expirations, int size, TimeSpan lease, CancellationToken cancellationToken) =>
        CallAsync("claim_expired", expirations, (size, lease), static (store, call, token) => store.ClaimExpiredAsync(call.size, call.lease, token), cancellationToken);

    public async ValueTask ConfirmExpiredAsync(ISessionExpirations expirations, IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken) =>
        await CallAsync("confirm_expired", expirations, sessions, static async (store, sessions, token) =>
        {
            await store.ConfirmExpiredAsync(sessions, token);
            return true;
        }, cancellationToken);

    public ValueTask<long> CountAsync(ISessionEnumeration enumeration, CancellationToken cancellationToken) =>
        CallAsync("count", enumeration, 0, static (store, _, token) => store.LengthAsync(token), cancellationToken);

    private async ValueTask<TResult> CallAsync<TTarget, TCall, TResult>(
        string operation, TTarget target, TCall call, Func<TTarget, TCall, CancellationToken, ValueTask<TResult>> run, CancellationToken cancellationToken)
    {
        using var activity = StoreSpans.Start(operation, _system);
        var start = _metrics.StartTiming();
        try
        {
            var result = _timeout is { } limit
                ? await BoundedAsync(operation, limit, run(target, call, cancellationToken).AsTask(), cancellationToken)
                : await run(target, call, cancellationToken);
            _metrics.StoreCall(operation, start, null);
            return result;
        }
        catch (Exception failure) when (Record(operation, start, failure, activity))
        {
            throw;
        }
    }

    /// <summary>Ends the wait in time, whatever the store does. The call is left to the store's own time-out and not cancelled: a driver can
    /// block in a cancellation for as long as its server does not respond, which is the case here.</summary>
    private async Task<TResult> BoundedAsync<TResult>(string operation, TimeSpan limit, Task<TResult> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work.WaitAsync(limit, set.Clock, cancellationToken);
        }
        catch (TimeoutException exception) when (!work.IsCompleted)
        {
            throw new SessionStoreException(Store.GetType().Name, operation, SessionStoreFault.Timeout,
                $"The store did not respond within SessionStoresOptions.OperationTimeout ({limit}). Check the server, or allow more time.", exception,
                mayHaveWritten: operation is not ("get" or "find_successor" or "list_by_subject" or "count_by_subject" or "list_by_key" or "count_by_key" or "count"));
        }
        finally
        {
            if (!work.IsCompleted)
                work.Abandon();
        }
    }

    private bool Record(string operation, long start, Exception failure, Activity? activity)
    {
        var error = failure is SessionStoreException { Fault: var fault } ? fault.ToString() : failure.GetType().Name;
        _metrics.StoreCall(operation, start, error);
        activity?.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error);
        return false;
    }
}
