namespace SessionStores;

/// <summary>A store that finds sessions by their subject, which is usually the id of the signed-in user (L14).</summary>
/// <remarks>The index never shows an expired or destroyed session, does not grow with sessions that have ended, and follows when the
/// subject of a session changes. <see cref="SessionSubjectsExtensions.ListBySubjectAsync"/> streams all pages.</remarks>
public interface ISessionSubjects
{
    /// <summary>Reads one page of the live sessions of a subject, in one round trip where the server allows it.</summary>
    /// <remarks>A session that is there from the first page to the last is listed exactly once, whatever comes and goes in the meantime. The order is
    /// that of the store. Records that cannot be read are skipped and logged.</remarks>
    /// <param name="subject">The subject.</param>
    /// <param name="size">The most sessions of the page: 1 to 1,000.</param>
    /// <param name="continuation"><see cref="SessionPage.Continuation"/> of the page before, of this subject; null for the first page.</param>
    /// <param name="withPayloads">False where only the rest is needed: then payloads are empty and versions <c>default</c>, and a server that can leave
    /// payloads out does not send them. Records that cannot be read may then be listed too.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">The subject is invalid, the size is out of range, or the continuation is not one of this subject.</exception>
    ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default);

    /// <summary>Counts the live sessions of a subject.</summary>
    /// <remarks>By default counts what the pages list. Override it where the server can count.</remarks>
    async ValueTask<long> CountBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        var count = 0L;
        string? continuation = null;
        do
        {
            var page = await PageBySubjectAsync(subject, SessionPage.MaxSize, continuation, withPayloads: false, cancellationToken).ConfigureAwait(false);
            count += page.Sessions.Count;
            continuation = page.Continuation;
        }
        while (continuation is not null);

        return count;
    }

    /// <summary>Destroys the sessions of a subject, all or all but some ("log out everywhere", "log out everywhere else").</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="exceptIds">The ids of the sessions to keep, compared ordinally; null or empty to keep none. An id that was rotated in the
    /// last 5 minutes keeps the session that it became.</param>
    /// <param name="cancellationToken">Ends the call; what was destroyed by then stays destroyed.</param>
    /// <remarks>Ends every session of the subject that was live when it was called, also while sessions are being rotated.</remarks>
    /// <returns>How many live sessions were destroyed.</returns>
    ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default);
}
