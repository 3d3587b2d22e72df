namespace SessionStores;

/// <summary>A store that finds sessions by their subject, which is usually the id of the signed-in user (L14).</summary>
/// <remarks>The index never shows an expired or destroyed session, does not grow with sessions that have ended, and follows when the
/// subject of a session changes.</remarks>
public interface ISessionSubjects
{
    /// <summary>Streams the live sessions of a subject, each at most once.</summary>
    IAsyncEnumerable<SessionRecord> ListBySubjectAsync(string subject, CancellationToken cancellationToken = default);

    /// <summary>Destroys the sessions of a subject, all or all but some ("log out everywhere", "log out everywhere else").</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="exceptIds">The ids of the sessions to keep, compared ordinally; null or empty to keep none. An id that was rotated in the
    /// last 5 minutes keeps the session that it became.</param>
    /// <param name="cancellationToken">Ends the call; what was destroyed by then stays destroyed.</param>
    /// <remarks>Ends every session of the subject that was live when it was called, also while sessions are being rotated.</remarks>
    /// <returns>How many live sessions were destroyed.</returns>
    ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default);
}
