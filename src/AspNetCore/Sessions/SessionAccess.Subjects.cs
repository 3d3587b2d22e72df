using System.Runtime.CompilerServices;

namespace SessionStores.AspNetCore;

/// <content>The sessions and sign-ins of a user.</content>
public sealed partial class SessionAccess
{
    private const int ListedAtOnce = 100;

    /// <summary>Streams the live sessions of a subject. Those past their absolute limit are removed. Records that cannot be read are skipped and logged.</summary>
    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async IAsyncEnumerable<HttpSession> ListBySubjectAsync(string subject, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        await foreach (var record in RecordsAsync(SessionSubject.Of(subject), withPayloads: true, cancellationToken))
        {
            if (await OpenListedAsync(record, cancellationToken) is { } data)
                yield return Open(record, data);
        }
    }

    /// <summary>Reads a page of what a user may see of the own sessions and sign-ins: when they began, when they were used last, their labels and handles, and
    /// never their ids. One call to the store.</summary>
    /// <param name="subject">The owner, such as a user id.</param>
    /// <param name="size">The most sessions of the page: 1 to 1,000.</param>
    /// <param name="continuation"><see cref="SessionInfoPage.Continuation"/> of the page before. The first page is read for null, and for a text that is not a
    /// continuation of this subject: it can be part of a link, which its user can change.</param>
    /// <param name="currentIds">The ids of this browser, to find out which sessions are its own: those of
    /// <see cref="HttpContextSessionExtensions.GetSessionIdsAsync"/>; null if that does not matter.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ArgumentException">The subject is empty, or the size is out of range.</exception>
    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task<SessionInfoPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, IReadOnlyCollection<string>? currentIds = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        SessionPage.ThrowIfInvalidSize(size);
        var page = await PageAsync(SessionSubject.Of(subject), size, _continuations.Open(continuation), cancellationToken);
        var sessions = new List<SessionInfo>(page.Sessions.Count);
        foreach (var record in page.Sessions)
        {
            if (await OpenListedAsync(record, cancellationToken) is { } data)
                sessions.Add(SessionInfo.Of(record, data, _scope.Set, currentIds?.Contains(record.Id, StringComparer.Ordinal) == true));
        }

        return new SessionInfoPage(sessions, _continuations.Seal(page.Continuation));
    }

    /// <summary>Counts the live sessions of a subject.</summary>
    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task<long> CountBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        return await _calls.CountBySubjectAsync(SessionSubject.Of(subject), cancellationToken);
    }

    /// <summary>Loads the session or sign-in of a subject that has a handle, without extending it.</summary>
    /// <param name="subject">The owner, such as a user id.</param>
    /// <param name="handle"><see cref="SessionInfo.Handle"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Null if the subject has no such session. A session that has been given a new id has a new handle.</returns>
    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    /// <exception cref="SessionStoreException">The store failed, or the record cannot be read.</exception>
    public async Task<HttpSession?> LoadByHandleAsync(string subject, string handle, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        ArgumentException.ThrowIfNullOrEmpty(handle);
        var owner = SessionSubject.Of(subject);
        if (await IdOfAsync(owner, handle, cancellationToken) is not { } id)
            return null;

        var session = await LoadAsync(id, cancellationToken);
        return session?.Subject == owner ? session : null; // it may have got another owner, or a new id, in the meantime
    }

    /// <summary>Destroys the session or sign-in of a subject that has a handle ("log out this device").</summary>
    /// <param name="subject">The owner, such as a user id: a user ends only the own sessions.</param>
    /// <param name="handle"><see cref="SessionInfo.Handle"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>True if the subject had such a session. A session that has been given a new id has a new handle.</returns>
    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task<bool> DestroyByHandleAsync(string subject, string handle, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        ArgumentException.ThrowIfNullOrEmpty(handle);
        return await IdOfAsync(SessionSubject.Of(subject), handle, cancellationToken) is { } id && await _ender.EndAsync(id, SessionEndReason.Access, cancellationToken);
    }

    /// <summary>Destroys the sessions of a subject, all or all but some ("log out everywhere").</summary>
    /// <param name="subject">The owner, such as a user id.</param>
    /// <param name="exceptIds">The ids of the sessions to keep, such as those of <see cref="HttpContextSessionExtensions.GetSessionIdsAsync"/>; null
    /// or empty to keep none.</param>
    /// <param name="exceptHandles">The handles of further sessions to keep (<see cref="SessionInfo.Handle"/>); null or empty for none.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How many were destroyed.</returns>
    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task<long> DestroyBySubjectAsync(
        string subject, IReadOnlyCollection<string>? exceptIds = null, IReadOnlyCollection<string>? exceptHandles = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        var owner = SessionSubject.Of(subject);
        if (exceptHandles is { Count: > 0 })
            exceptIds = [.. exceptIds ?? [], .. await IdsOfAsync(owner, exceptHandles, cancellationToken)];

        return await _ender.EndAllAsync(owner, RecordsAsync(owner, withPayloads: true, cancellationToken), exceptIds, cancellationToken);
    }

    private async Task<string?> IdOfAsync(string owner, string handle, CancellationToken cancellationToken)
    {
        await foreach (var record in RecordsAsync(owner, withPayloads: false, cancellationToken))
        {
            if (SessionHandle.Of(record.Id) == handle)
                return record.Id;
        }

        return null;
    }

    private async Task<SessionPage> PageAsync(string owner, int size, string? position, CancellationToken cancellationToken)
    {
        try
        {
            return await _calls.PageBySubjectAsync(owner, size, position, withPayloads: true, cancellationToken);
        }
        catch (ArgumentException) when (position is not null)
        {
            // The store refuses what it has not returned for this subject: the link is that of another user.
            return await _calls.PageBySubjectAsync(owner, size, null, withPayloads: true, cancellationToken);
        }
    }

    private async Task<List<string>> IdsOfAsync(string owner, IReadOnlyCollection<string> handles, CancellationToken cancellationToken)
    {
        var wanted = handles.ToHashSet(StringComparer.Ordinal);
        var ids = new List<string>();
        await foreach (var record in RecordsAsync(owner, withPayloads: false, cancellationToken))
        {
            if (wanted.Contains(SessionHandle.Of(record.Id)))
                ids.Add(record.Id);
        }

        return ids;
    }

    private async IAsyncEnumerable<SessionRecord> RecordsAsync(string owner, bool withPayloads, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var page = await _calls.PageBySubjectAsync(owner, withPayloads ? ListedAtOnce : SessionPage.MaxSize, continuation, withPayloads, cancellationToken);
            foreach (var record in page.Sessions)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    /// <summary>Opens a session of a listing; null when it is past its absolute limit or cannot be read.</summary>
    private async Task<SessionData?> OpenListedAsync(SessionRecord record, CancellationToken cancellationToken)
    {
        try
        {
            return await _reader.OpenAsync(_scope, record, cancellationToken);
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
        {
            Log.ListedSessionUnreadable(_scope.Set.Logger);
            return null;
        }
    }
}
