using System.Runtime.CompilerServices;

namespace SessionStores.AspNetCore;

/// <content>The sessions and sign-ins with a key, such as the <c>sid</c> of an identity provider.</content>
public sealed partial class SessionAccess
{
    /// <summary>Streams the live sessions with a key. Those past their absolute limit are removed. Records that cannot be read are skipped and logged.</summary>
    /// <exception cref="NotSupportedException">The store keeps no keys.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async IAsyncEnumerable<HttpSession> ListByKeyAsync(string key, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        await foreach (var record in _calls.ListByKeyAsync(SessionSubject.Of(key), cancellationToken))
        {
            if (await OpenListedAsync(record, cancellationToken) is { } data)
                yield return Open(record, data);
        }
    }

    /// <summary>Reads a page of the sessions and sign-ins with a key, as <see cref="PageBySubjectAsync"/> does of a subject.</summary>
    /// <param name="key">The key.</param>
    /// <param name="size">The most sessions of the page: 1 to 1,000.</param>
    /// <param name="continuation"><see cref="SessionInfoPage.Continuation"/> of the page before; null for the first page.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ArgumentException">The key is empty, the size is out of range, or the continuation is not one of this key.</exception>
    /// <exception cref="NotSupportedException">The store keeps no keys.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task<SessionInfoPage> PageByKeyAsync(string key, int size = 100, string? continuation = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        SessionPage.ThrowIfInvalidSize(size);
        var page = await _calls.PageByKeyAsync(SessionSubject.Of(key), size, _continuations.Open(continuation), cancellationToken);
        var sessions = new List<SessionInfo>(page.Sessions.Count);
        foreach (var record in page.Sessions)
        {
            if (await OpenListedAsync(record, cancellationToken) is { } data)
                sessions.Add(SessionInfo.Of(record, data, _scope.Set, false));
        }

        return new SessionInfoPage(sessions, _continuations.Seal(page.Continuation));
    }

    /// <summary>Counts the live sessions with a key.</summary>
    /// <exception cref="NotSupportedException">The store keeps no keys.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task<long> CountByKeyAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return await _calls.CountByKeyAsync(SessionSubject.Of(key), cancellationToken);
    }

    /// <summary>Destroys the sessions and sign-ins with a key, whoever has them: what came from one log-in at an identity provider, or those of a tenant.</summary>
    /// <param name="key">The key.</param>
    /// <param name="exceptIds">The ids of the sessions to keep; null or empty to keep none.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How many were destroyed.</returns>
    /// <exception cref="NotSupportedException">The store keeps no keys.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        var stored = SessionSubject.Of(key);
        return await _ender.EndAllAsync(
            _calls.ListByKeyAsync(stored, cancellationToken), exceptIds, token => _calls.DestroyByKeyAsync(stored, exceptIds, token), cancellationToken);
    }
}
