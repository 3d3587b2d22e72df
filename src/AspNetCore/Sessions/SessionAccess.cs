using System.Runtime.CompilerServices;

namespace SessionStores.AspNetCore;

/// <summary>Sessions outside of requests: background work, sockets, administration. A singleton; named sets are keyed services.</summary>
/// <remarks>Sessions from here are saved by <see cref="HttpSession.SaveAsync"/> alone, with the same merging as in a request. No cookie is
/// sent, so a new id given here never reaches a browser.</remarks>
public sealed class SessionAccess
{
    private readonly SessionRuntime _runtime;

    internal SessionAccess(SessionRuntime runtime) => _runtime = runtime;

    /// <summary>Loads a session without extending it; null when it is not there.</summary>
    /// <exception cref="ArgumentException">The id is none.</exception>
    /// <exception cref="SessionStoreException">The store failed, or the record cannot be read.</exception>
    public async Task<HttpSession?> LoadAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var record = await _runtime.Calls.GetAsync(id, null, cancellationToken);
        return record is null ? null : Open(record);
    }

    /// <summary>Reads the id out of a Cookie header, as a request does; null when there is none that we signed.</summary>
    /// <param name="cookieHeader">The value of the header, such as <c>connect.sid=s%3A...</c>.</param>
    public string? ReadId(string? cookieHeader)
    {
        _runtime.Cookies.Read(cookieHeader, out var id);
        return id;
    }

    /// <summary>Destroys a session.</summary>
    /// <returns>True when it was there.</returns>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return await _runtime.Calls.DestroyAsync(id, cancellationToken);
    }

    /// <summary>Streams the live sessions of a subject. Records that cannot be read are passed over and logged.</summary>
    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async IAsyncEnumerable<HttpSession> ListBySubjectAsync(string subject, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        await foreach (var record in Subjects().ListBySubjectAsync(subject, cancellationToken))
        {
            if (SessionData.TryRead(record, _runtime.Clock, out var data))
                yield return new HttpSession(_runtime, null, data, record);
            else
                Log.SessionUnreadable(_runtime.Logger, "It was passed over in a list.", null);
        }
    }

    /// <summary>Destroys the sessions of a subject, all or all but one: "log out everywhere".</summary>
    /// <returns>How many were destroyed.</returns>
    /// <exception cref="NotSupportedException">The store keeps no subjects.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task<long> DestroyBySubjectAsync(string subject, string? exceptId = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return await Subjects().DestroyBySubjectAsync(subject, exceptId, cancellationToken);
    }

    private HttpSession Open(SessionRecord record) => new(_runtime, null, _runtime.Read(record), record);

    private ISessionSubjects Subjects() => _runtime.Calls.Store as ISessionSubjects ??
        throw new NotSupportedException("The session store keeps no subjects: it does not implement ISessionSubjects.");
}
