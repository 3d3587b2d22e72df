using System.Runtime.CompilerServices;

namespace SessionStores.AspNetCore;

/// <content>The sessions and sign-ins of a user.</content>
public sealed partial class SessionAccess
{
    /// <summary>Streams the live sessions of a subject. Those past their absolute limit are removed. Records that cannot be read are skipped and logged.</summary>
    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async IAsyncEnumerable<HttpSession> ListBySubjectAsync(string subject, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        await foreach (var record in _calls.ListBySubjectAsync(SessionSubject.Of(subject), withPayloads: true, cancellationToken))
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

    /// <summary>Destroys the session or sign-in of a subject that has a handle, and what belongs to the same browser ("log out this device"): where an application sets
    /// <see cref="HttpSession.Subject"/> and uses <c>AddSessionTickets</c>, both end (<see cref="SessionInfo.Device"/>).</summary>
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
        var isEnded = false;
        foreach (var (id, isNamed) in await DevicesOfAsync(SessionSubject.Of(subject), [handle], cancellationToken))
            isEnded |= await _ender.EndAsync(id, SessionEndReason.Access, cancellationToken) && isNamed;

        return isEnded;
    }

    /// <summary>Destroys the sessions of a subject, all or all but some ("log out everywhere").</summary>
    /// <param name="subject">The owner, such as a user id.</param>
    /// <param name="exceptIds">The ids of the sessions to keep, such as those of <see cref="HttpContextSessionExtensions.GetSessionIdsAsync"/>; null
    /// or empty to keep none.</param>
    /// <param name="exceptHandles">The handles of further sessions to keep, with what belongs to the same browsers (<see cref="SessionInfo.Handle"/>,
    /// <see cref="SessionInfo.Device"/>); null or empty for none.</param>
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
            exceptIds = [.. exceptIds ?? [], .. (await DevicesOfAsync(owner, exceptHandles, cancellationToken)).Select(kept => kept.Id)];

        return await _ender.EndAllAsync(
            _calls.ListBySubjectAsync(owner, withPayloads: true, cancellationToken), exceptIds, token => _calls.DestroyBySubjectAsync(owner, exceptIds, token), cancellationToken);
    }

    /// <summary>Ends all sessions and sign-ins of a subject at once, such as after a theft or a change of the password. In one command, whatever their number, where the
    /// store offers <see cref="ISessionEpochs"/>; otherwise as <see cref="DestroyBySubjectAsync"/>.</summary>
    /// <remarks>No request that starts afterwards finds one, at any node. Sessions that join the subject later live: a user who stays signed in signs in anew.</remarks>
    /// <param name="subject">The owner, such as a user id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="NotSupportedException">The store has no epochs and keeps no subjects.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        var owner = SessionSubject.Of(subject);
        await _ender.VoidAllAsync(owner, _calls.ListBySubjectAsync(owner, withPayloads: true, cancellationToken), cancellationToken);
    }

    private async Task<string?> IdOfAsync(string owner, string handle, CancellationToken cancellationToken)
    {
        await foreach (var record in _calls.ListBySubjectAsync(owner, withPayloads: false, cancellationToken))
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

    /// <summary>Finds the records that have these handles, and those that belong to the same browsers.</summary>
    private async Task<IEnumerable<(string Id, bool IsNamed)>> DevicesOfAsync(string owner, IReadOnlyCollection<string> handles, CancellationToken cancellationToken)
    {
        var wanted = handles.ToHashSet(StringComparer.Ordinal);
        var devices = new HashSet<string>(StringComparer.Ordinal);
        var records = new List<(string Id, string? Device, bool IsNamed)>();
        await foreach (var record in _calls.ListBySubjectAsync(owner, withPayloads: true, cancellationToken))
        {
            var device = SessionFacts.Of(record).Device;
            var isNamed = wanted.Contains(SessionHandle.Of(record.Id));
            if (isNamed && device is not null)
                devices.Add(device);

            if (isNamed || device is not null)
                records.Add((record.Id, device, isNamed));
        }

        return records.Where(record => record.IsNamed || devices.Contains(record.Device!)).Select(record => (record.Id, record.IsNamed));
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
