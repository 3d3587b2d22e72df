namespace SessionStores;

/// <summary>A store that keeps a second index key beside the subject, and finds sessions by it (L24): the session of an identity provider (<c>sid</c>), a
/// tenant, a device.</summary>
/// <remarks>A store without this capability refuses content with a key, so that none is lost without a word (<see cref="SessionArguments.ThrowIfInvalidContent"/>).
/// Key and subject are independent: what is done by one does not look at the other. <see cref="SessionKeysExtensions.ListByKeyAsync"/> streams all pages.</remarks>
public interface ISessionKeys
{
    /// <summary>Reads one page of the live sessions with a key, in one round trip where the server allows it.</summary>
    /// <remarks>As <see cref="ISessionSubjects.PageBySubjectAsync"/>.</remarks>
    /// <param name="key">The key: 1 to 256 characters without control characters.</param>
    /// <param name="size">The most sessions of the page: 1 to 1,000.</param>
    /// <param name="continuation"><see cref="SessionPage.Continuation"/> of the page before, of this key; null for the first page.</param>
    /// <param name="withPayloads">False where only the rest is needed: then payloads are empty and versions <c>default</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">The key is invalid, the size is out of range, or the continuation is not one of this key.</exception>
    ValueTask<SessionPage> PageByKeyAsync(
        string key, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default);

    /// <summary>Counts the live sessions with a key.</summary>
    /// <remarks>By default counts what the pages list. Override it where the server can count.</remarks>
    async ValueTask<long> CountByKeyAsync(string key, CancellationToken cancellationToken = default)
    {
        var count = 0L;
        string? continuation = null;
        do
        {
            var page = await PageByKeyAsync(key, SessionPage.MaxSize, continuation, withPayloads: false, cancellationToken).ConfigureAwait(false);
            count += page.Sessions.Count;
            continuation = page.Continuation;
        }
        while (continuation is not null);

        return count;
    }

    /// <summary>Destroys the sessions with a key, all or all but some: "end what came from this log-in at the identity provider".</summary>
    /// <remarks>Ends every session with the key that was live when it was called, also while sessions are being rotated.</remarks>
    /// <param name="key">The key.</param>
    /// <param name="exceptIds">The ids of the sessions to keep, as in <see cref="ISessionSubjects.DestroyBySubjectAsync"/>.</param>
    /// <param name="cancellationToken">Ends the call; what was destroyed by then stays destroyed.</param>
    /// <returns>How many live sessions were destroyed.</returns>
    ValueTask<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default);
}
