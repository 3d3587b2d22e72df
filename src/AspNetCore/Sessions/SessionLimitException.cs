namespace SessionStores.AspNetCore;

/// <summary>A session got a subject that has as many live sessions as <see cref="SessionStoresOptions.SessionsPerSubject"/> allows, and was not saved. Nothing has
/// changed in the store. To answer the request, catch it from <see cref="HttpSession.SaveAsync"/> and set <see cref="HttpSession.Subject"/> back.</summary>
public sealed class SessionLimitException : Exception
{
    internal SessionLimitException(SessionCap cap)
        : base($"The subject has {cap.Most} live sessions, as many as SessionStoresOptions.SessionsPerSubject allows. End one of them first, or end the oldest with SessionCap.EndOldest.") => Most = cap.Most;

    /// <summary>The most live sessions that a subject may have.</summary>
    public int Most { get; }
}
