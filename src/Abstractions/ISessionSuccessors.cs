namespace SessionStores;

/// <summary>A store that can tell which session a rotated id became (L10), so that a request which was under way during the rotation is told apart from
/// one with an id that means nothing.</summary>
public interface ISessionSuccessors
{
    /// <summary>Finds the session that an id became by a rotation, or by several, in the last 5 minutes. Call it when <see cref="ISessionStore.GetAsync"/>
    /// has returned null.</summary>
    /// <remarks>Changes nothing, and makes the old id no more usable than it was. The links and the session are read one after the other; what is returned
    /// was there at a moment of the call. While a server that rotates in several steps has neither id (L10), this may return null.</remarks>
    /// <param name="id">The old id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The live session and when the id was rotated; null when the id was not rotated, has a session of its own again, or when the session that
    /// it became has ended.</returns>
    ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken = default);
}
