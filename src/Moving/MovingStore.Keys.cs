namespace SessionStores.Moving;

/// <content>The sessions with a key.</content>
public sealed partial class MovingStore
{
    /// <inheritdoc/>
    /// <remarks>In the stage <see cref="MovingStage.Move"/> it first moves the sessions with the key that are on the old side.</remarks>
    public async ValueTask<SessionPage> PageByKeyAsync(
        string key, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidKey(key);
        SessionPage.ThrowIfInvalidSize(size);
        var page = await _lead.PageByAsync(Finder.ByKey, key, size, continuation, cancellationToken).ConfigureAwait(false);
        return withPayloads ? page : new SessionPage([.. page.Sessions.Select(static record => record.WithoutPayload())], page.Continuation);
    }

    /// <inheritdoc/>
    public ValueTask<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidKey(key);
        return _lead.DestroyByAsync(Finder.ByKey, key, SessionArguments.DistinctIds(exceptIds), cancellationToken);
    }
}
