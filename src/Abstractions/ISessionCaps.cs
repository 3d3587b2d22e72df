namespace SessionStores;

/// <summary>A store that limits how many live sessions a subject has, in the same step that gives it one more (L22).</summary>
/// <remarks>
/// <para>Each member is that of <see cref="ISessionStore"/> of the same name with a limit. A session joins a subject when a write gives it that subject, with
/// a limit or without; rotations and changes that keep the subject keep its place. One that joins over the limit is refused, with
/// <see cref="SessionWriteStatus.Full"/>, or the sessions of the subject that joined first end. Of any number of log-ins at once no more than the limit
/// are admitted.</para>
/// <para>Only writes with a limit are limited, so every log-in of a subject has to pass the same one. Where an id is taken or a version is not that of the
/// stored session, the write returns that, and ends nothing.</para>
/// </remarks>
public interface ISessionCaps
{
    /// <summary>Stores a session under a new id, as <see cref="ISessionStore.CreateAsync"/>, unless its subject has too many.</summary>
    /// <exception cref="ArgumentException">The content has no subject, or the cap is <c>default(SessionCap)</c>.</exception>
    ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default);

    /// <summary>Replaces a session, as <see cref="ISessionStore.ReplaceAsync"/>, unless it joins a subject that has too many.</summary>
    /// <exception cref="ArgumentException">The content has no subject, or the cap is <c>default(SessionCap)</c>.</exception>
    ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default);

    /// <summary>Gives a session a new id and new content, as <see cref="ISessionStore.RotateAsync"/>, unless it joins a subject that has too many.</summary>
    /// <exception cref="ArgumentException">The content has no subject, or the cap is <c>default(SessionCap)</c>.</exception>
    ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default);
}
