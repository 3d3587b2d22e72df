namespace SessionStores.Moving;

/// <content>Caps, epochs, and what rotated ids became.</content>
public sealed partial class MovingStore
{
    /// <inheritdoc/>
    /// <remarks>In the stage <see cref="MovingStage.Move"/> it first moves the sessions of the subject that are on the old side.</remarks>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default) =>
        WriteAsync(id, null, null, content, cap, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>In the stage <see cref="MovingStage.Move"/> it first moves the sessions of the subject that are on the old side.</remarks>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidVersion(version);
        return WriteAsync(id, null, version, content, cap, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>In the stage <see cref="MovingStage.Move"/> it first moves the sessions of the subject that are on the old side.</remarks>
    public ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        ThrowIfInvalidRotation(id, newId, version);
        return WriteAsync(id, newId, version, content, cap, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Three calls, whatever the number of sessions: on the old side, then on the new side for the sessions that are on their way and for those that are there. Not one step: when it has
    /// returned no session is left that had joined before it began, on either side; one that fails or is cancelled may have ended some, and can be made again. A log-in at the same time may live or be void.</remarks>
    public ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return _lead.Steps.VoidAsync(subject, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Moves the session that it finds in the stage <see cref="MovingStage.Move"/>.</remarks>
    public ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return _lead.FindSuccessorAsync(id, cancellationToken);
    }

    private ValueTask<SessionWriteResult> WriteAsync(
        string id, string? newId, SessionVersion? version, in SessionContent content, SessionCap cap, CancellationToken cancellationToken)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidCap(content, cap);
        return _lead.WriteAsync(new CappedWrite(id, newId, version, CheckedCopy(content), cap), cancellationToken);
    }
}
