using System.Runtime.CompilerServices;

namespace SessionStores;

/// <summary>What every <see cref="ISessionSubjects"/> can do by its pages.</summary>
public static class SessionSubjectsExtensions
{
    private const int PageSize = 100;

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
        return StreamAsync(store, subject, withPayloads, cancellationToken);
    }

    private static async IAsyncEnumerable<SessionRecord> StreamAsync(
        ISessionSubjects store, string subject, bool withPayloads, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var page = await store.PageBySubjectAsync(subject, PageSize, continuation, withPayloads, cancellationToken).ConfigureAwait(false);
            foreach (var record in page.Sessions)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }
}
