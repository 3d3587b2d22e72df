namespace SessionStores.AspNetCore;

/// <summary>A page of the sessions and sign-ins of a user (<see cref="SessionAccess.PageBySubjectAsync"/>).</summary>
/// <param name="sessions">The sessions of the page.</param>
/// <param name="continuation">Where the next page begins; null after the last page.</param>
public sealed class SessionInfoPage(IReadOnlyList<SessionInfo> sessions, string? continuation)
{
    /// <summary>The sessions of the page. They may be fewer than the size that was asked, also when there are more pages.</summary>
    public IReadOnlyList<SessionInfo> Sessions { get; } = sessions;

    /// <summary>Where the next page begins, for the same subject; null after the last page. It is sealed, so that it can be part of a link.</summary>
    public string? Continuation { get; } = continuation;
}
