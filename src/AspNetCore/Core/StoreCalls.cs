namespace SessionStores.AspNetCore;

/// <summary>The calls of the middleware to its store, with their durations while somebody listens.</summary>
internal sealed class StoreCalls(ISessionStore store, SessionStoresMetrics metrics)
{
    public ISessionStore Store { get; } = store;

    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide, CancellationToken cancellationToken) =>
        metrics.IsTiming ? Timed("get", Store.GetAsync(id, slide, cancellationToken)) : Store.GetAsync(id, slide, cancellationToken);

    public ValueTask<CreateResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken) =>
        metrics.IsTiming ? Timed("create", Store.CreateAsync(id, content, cancellationToken)) : Store.CreateAsync(id, content, cancellationToken);

    public ValueTask<ReplaceResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken) =>
        metrics.IsTiming ? Timed("replace", Store.ReplaceAsync(id, version, content, cancellationToken)) : Store.ReplaceAsync(id, version, content, cancellationToken);

    public ValueTask<RotateResult> RotateAsync(string id, string newId, SessionVersion? version, SessionContent content, CancellationToken cancellationToken) =>
        metrics.IsTiming ? Timed("rotate", Store.RotateAsync(id, newId, version, content, cancellationToken)) : Store.RotateAsync(id, newId, version, content, cancellationToken);

    public ValueTask<bool> TouchAsync(string id, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        metrics.IsTiming ? Timed("touch", Store.TouchAsync(id, expiresAt, cancellationToken)) : Store.TouchAsync(id, expiresAt, cancellationToken);

    public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken) =>
        metrics.IsTiming ? Timed("destroy", Store.DestroyAsync(id, cancellationToken)) : Store.DestroyAsync(id, cancellationToken);

    private async ValueTask<T> Timed<T>(string operation, ValueTask<T> call)
    {
        var start = metrics.StartTiming();
        try
        {
            var result = await call;
            metrics.StoreCall(operation, start, null);
            return result;
        }
        catch (Exception failure) when (Record(operation, start, failure))
        {
            throw;
        }
    }

    private bool Record(string operation, long start, Exception failure)
    {
        metrics.StoreCall(operation, start, failure is SessionStoreException { Fault: var fault } ? fault.ToString() : failure.GetType().Name);
        return false;
    }
}
