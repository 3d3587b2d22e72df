namespace SessionStores;

/// <summary>What every <see cref="ISessionKeys"/> can do by its pages.</summary>
public static class SessionKeysExtensions
{
    /// <summary>Streams the live sessions with a key, page by page in bounded memory. A session that is there throughout is listed exactly once.</summary>
    /// <param name="store">The store.</param>
    /// <param name="key">The key.</param>
    /// <param name="withPayloads">False to leave out payloads and versions, as in <see cref="ISessionKeys.PageByKeyAsync"/>.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public static IAsyncEnumerable<SessionRecord> ListByKeyAsync(
        this ISessionKeys store, string key, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        SessionArguments.ThrowIfInvalidKey(key);
        return SessionPage.StreamAsync((continuation, token) => store.PageByKeyAsync(key, SessionPage.StreamSize, continuation, withPayloads, token), cancellationToken);
    }
}
