namespace SessionStores;

/// <summary>A store that ends all sessions of a subject by one call, however many there are (L23).</summary>
public interface ISessionEpochs
{
    /// <summary>Makes every session void that has joined the subject by now: "log out everywhere" after a theft, a changed password or a lost right.</summary>
    /// <remarks>
    /// <para>One command, whatever the number of sessions, and one step, unless the sessions of a subject are not in one place (Redis Cluster, MongoDB): then they end one after the other, and a call
    /// that fails or is cancelled may have ended some. A void session is no session for every other call, as an expired one is: no call that starts after this
    /// one has returned meets it, at any node. What is stored of it is removed in the same step, or later by pruning. It is not handed out as expired.</para>
    /// <para><em>By now</em> is by the clock of the server, which also decides when a session has joined (L22). Sessions that join later live. Unlike
    /// <see cref="ISessionSubjects.DestroyBySubjectAsync"/> it spares no session and does not say how many there were.</para>
    /// </remarks>
    /// <param name="subject">The subject.</param>
    /// <param name="cancellationToken">Ends the call; the sessions are then void, or none is, where it is one step.</param>
    /// <exception cref="ArgumentException">The subject is invalid.</exception>
    ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default);
}
