namespace SessionStores.Conformance.Tests.Reference;

/// <summary>A decorator as an application would write it: logs each call, and forwards everything else.</summary>
public class LoggingStore(ISessionStore inner, Action<string> log) : ISessionStore, IAsyncDisposable
{
    public string? KeySpace => inner.KeySpace;

    public virtual TCapability? GetCapability<TCapability>()
        where TCapability : class => this as TCapability ?? inner.GetCapability<TCapability>();

    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        log("get");
        return inner.GetAsync(id, slide, cancellationToken);
    }

    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        log("create");
        return inner.CreateAsync(id, content, cancellationToken);
    }

    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        log("replace");
        return inner.ReplaceAsync(id, version, content, cancellationToken);
    }

    public ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        log("set");
        return inner.SetAsync(id, content, cancellationToken);
    }

    public ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        log("touch");
        return inner.TouchAsync(id, lifetime, cancellationToken);
    }

    public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        log("destroy");
        return inner.DestroyAsync(id, cancellationToken);
    }

    public ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        log("rotate");
        return inner.RotateAsync(id, newId, version, content, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (inner is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}
