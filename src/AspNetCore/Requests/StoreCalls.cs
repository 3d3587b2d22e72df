using System.Diagnostics;

namespace SessionStores.AspNetCore;

/// <summary>The calls of the middleware to its store: limited in time if the options say so, with durations and spans while something
/// collects them, and otherwise passed straight to the store.</summary>
internal sealed class StoreCalls(ISessionStore store, SessionSet set)
{
    private readonly SessionMetrics _metrics = set.Metrics;
    private readonly TimeSpan? _timeout = set.Options.OperationTimeout;
    private readonly string _system = StoreSpans.SystemOf(store);

    public ISessionStore Store { get; } = store;

    private bool IsPlain => _timeout is null && !_metrics.IsTiming && !StoreSpans.Source.HasListeners();

    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide, CancellationToken cancellationToken) => IsPlain
        ? Store.GetAsync(id, slide, cancellationToken)
        : CallAsync("get", (id, slide), static (store, call, token) => store.GetAsync(call.id, call.slide, token), cancellationToken);

    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken) => IsPlain
        ? Store.CreateAsync(id, content, cancellationToken)
        : CallAsync("create", (id, content), static (store, call, token) => store.CreateAsync(call.id, call.content, token), cancellationToken);

    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken) => IsPlain
        ? Store.ReplaceAsync(id, version, content, cancellationToken)
        : CallAsync("replace", (id, version, content), static (store, call, token) => store.ReplaceAsync(call.id, call.version, call.content, token), cancellationToken);

    public ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion? version, SessionContent content, CancellationToken cancellationToken) => IsPlain
        ? Store.RotateAsync(id, newId, version, content, cancellationToken)
        : CallAsync("rotate", (id, newId, version, content), static (store, call, token) => store.RotateAsync(call.id, call.newId, call.version, call.content, token), cancellationToken);

    public ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken) => IsPlain
        ? Store.TouchAsync(id, lifetime, cancellationToken)
        : CallAsync("touch", (id, lifetime), static (store, call, token) => store.TouchAsync(call.id, call.lifetime, token), cancellationToken);

    public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken) => IsPlain
        ? Store.DestroyAsync(id, cancellationToken)
        : CallAsync("destroy", id, static (store, id, token) => store.DestroyAsync(id, token), cancellationToken);

    private async ValueTask<TResult> CallAsync<TCall, TResult>(
        string operation, TCall call, Func<ISessionStore, TCall, CancellationToken, ValueTask<TResult>> run, CancellationToken cancellationToken)
    {
        using var activity = StoreSpans.Start(operation, _system);
        var start = _metrics.StartTiming();
        try
        {
            var result = _timeout is { } limit
                ? await BoundedAsync(operation, limit, call, run, cancellationToken)
                : await run(Store, call, cancellationToken);
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
    private async Task<TResult> BoundedAsync<TCall, TResult>(
        string operation, TimeSpan limit, TCall call, Func<ISessionStore, TCall, CancellationToken, ValueTask<TResult>> run, CancellationToken cancellationToken)
    {
        var work = run(Store, call, cancellationToken).AsTask();
        try
        {
            return await work.WaitAsync(limit, set.Clock, cancellationToken);
        }
        catch (TimeoutException exception) when (!work.IsCompleted)
        {
            work.Abandon();
            throw new SessionStoreException(Store.GetType().Name, operation, SessionStoreFault.Timeout,
                $"The store did not respond within SessionStoresOptions.OperationTimeout ({limit}). Check the server, or allow more time.", exception);
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
