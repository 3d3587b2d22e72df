namespace SessionStores;

/// <summary>What every <see cref="ISessionSubjects"/> can do by its pages.</summary>
public static class SessionSubjectsExtensions
{
    /// <summary>Streams the live sessions of a subject, page by page in bounded memory. A session that is there throughout is listed exactly once.</summary>
    /// <param name="store">The store.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="withPayloads">False to leave out payloads and versions, as in <see cref="ISessionSubjects.PageBySubjectAsync"/>.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public static IAsyncEnumerable<SessionRecord> ListBySubjectAsync(
        this ISessionSubjects store, string subject, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        SessionArguments.ThrowIfInvalidSubject(subject);
        return SessionPage.StreamAsync((continuation, token) => store.PageBySubjectAsync(subject, SessionPage.StreamSize, continuation, withPayloads, token), cancellationToken);
    }
}
