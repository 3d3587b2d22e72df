using System.Diagnostics;

namespace SessionStores.Moving;

/// <summary>Moves one session from the old side to the new side, in steps after each of which any node can continue.</summary>
/// <remarks>
/// <para>(1) <b>Reserve</b>: the new side gets a record without content under an id of its own, which names the move. (2) <b>Mark</b>: the old record, if it is
/// still what was read, gets a mark that names the move and keeps its content. (3) <b>Arrive</b>: the reservation is rotated to the id of the session, with
/// the content of the marked record. (4) <b>Remove</b>: the old record, if it is still the marked one.</para>
/// <para>Only (3) makes a session of the copy, and only once, since it takes the reservation away. Whoever comes later with old content finds no
/// reservation. Without a mark a reservation is nothing; a mark whose reservation is gone has done its work, and is only removed.</para>
/// </remarks>
internal class MovingSteps(ISessionStore from, ISessionStore to, MovingReport report)
{
    /// <summary>Between two looks at what another node is about to finish.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>How long a call tries to finish what another node has begun.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How far the clocks of the two servers may seem to differ before the life that remains is moved, and not the instant at which it ends.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(2);

    /// <summary>How many rotations a store follows (<see cref="SessionSuccessor.Rotations"/>).</summary>
    private const int MostRotations = 16;

    public ISessionStore From { get; } = from;

    public ISessionStore To { get; } = to;

    /// <summary>How long a call waits for a session that has left its reservation and is not there yet. Only a server that rotates in several steps
    /// shows that.</summary>
    public TimeSpan ArrivalLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Measures what passes between the readings of the two sides. That of the system, unless both sides have another one.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Waits until the clock of the new side shows a later millisecond, so that what joins a subject there next has joined it later.</summary>
    public Func<CancellationToken, Task> NextInstantAsync { get; init; } = static token => Task.Delay(TimeSpan.FromMilliseconds(2), token);

    /// <summary>Moves what is on the old side under an id. When it has returned, nothing is there, for good: no node creates sessions there.</summary>
    /// <returns>The record that was found there before a move began, if any, and whether this call has moved it.</returns>
    public ValueTask<(SessionRecord? Found, bool IsMoved)> SettleAsync(string id, CancellationToken cancellationToken) =>
        RunAsync(id, begins: true, cancellationToken);

    /// <summary>Finishes a move that has begun, and begins none.</summary>
    public async ValueTask FinishAsync(string id, CancellationToken cancellationToken) =>
        await RunAsync(id, begins: false, cancellationToken).ConfigureAwait(false);

    /// <summary>Ends a session on whichever side it is.</summary>
    /// <remarks>No record of the old side that can be read is destroyed by its id: it may have got a mark since it was read, and whoever has read the mark would bring the
    /// session to the new side afterwards. An old side without <see cref="ISessionSuccessors"/> has to, to follow its own rotations.</remarks>
    /// <returns>Whether a live session was there.</returns>
    public virtual async ValueTask<bool> EndAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            SessionRecord? found;
            SessionSuccessor? successor = null;
            var successors = From.GetCapability<ISessionSuccessors>();
            try
            {
                found = await From.GetAsync(id, null, cancellationToken).ConfigureAwait(false);
                if (found is null && successors is not null)
                    successor = await successors.FindSuccessorAsync(id, cancellationToken).ConfigureAwait(false);
            }
            catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
            {
                (found, successors) = (null, null);
            }

            if (successor is not null)
            {
                id = successor.Session.Id;
                continue;
            }

            if (found is null)
            {
                // A call ends one session: another one may have been created under the id since.
                return (successors is null && await From.DestroyAsync(id, cancellationToken).ConfigureAwait(false)) || await To.DestroyAsync(id, cancellationToken).ConfigureAwait(false);
            }

            if (MovingRecord.MoveOf(found) is { } move)
            {
                // Before the mark: without the reservation, no node that has read the mark can bring its content to the new side. When the session has
                // arrived, this follows the reservation to it.
                var wasOnItsWay = await To.DestroyAsync(MovingRecord.ReservationIdOf(move), cancellationToken).ConfigureAwait(false);
                await From.ReplaceAsync(id, found.Version, MovingRecord.Ended, CancellationToken.None).ConfigureAwait(false);
                return wasOnItsWay || await To.DestroyAsync(id, CancellationToken.None).ConfigureAwait(false);
            }

            if ((await From.ReplaceAsync(id, found.Version, MovingRecord.Ended, cancellationToken).ConfigureAwait(false)).Status == SessionWriteStatus.Written)
                return true;
        }
    }

    /// <summary>Voids the sessions of a subject, on whichever side they are.</summary>
    /// <remarks>
    /// <para>In this order. After the first step no session of before can get a mark, and none that has no mark moves. Each that has one had its reservation before, under a subject of its own: after the
    /// second step none of them arrives any longer, however long its mover is held. The third voids those that had arrived.</para>
    /// <para>A log-in on the old side between the first two steps that is moved at once may lose its reservation, and so end.</para>
    /// </remarks>
    public virtual async ValueTask VoidAsync(string subject, CancellationToken cancellationToken)
    {
        var (old, current) = (Lead.CapabilityOf<ISessionEpochs>(From), Lead.CapabilityOf<ISessionEpochs>(To));
        await old.VoidBySubjectAsync(subject, cancellationToken).ConfigureAwait(false);
        try
        {
            await current.VoidBySubjectAsync(MovingRecord.ReservationSubjectOf(subject), cancellationToken).ConfigureAwait(false);
            await current.VoidBySubjectAsync(subject, cancellationToken).ConfigureAwait(false);
        }
        catch (SessionStoreException failure) when (!failure.MayHaveWritten)
        {
            throw WriteOutcome.AfterWrite(failure);
        }
    }

    /// <summary>Where the session is now that an id became on the old side, and that has moved since.</summary>
    public async ValueTask<SessionSuccessor?> ArrivedAsync(SessionSuccessor link, CancellationToken cancellationToken)
    {
        if (await To.GetAsync(link.Session.Id, null, cancellationToken).ConfigureAwait(false) is { } record)
            return new SessionSuccessor(record, link.Age, link.Rotations);

        // It was rotated on the new side as well.
        var next = await Lead.CapabilityOf<ISessionSuccessors>(To).FindSuccessorAsync(link.Session.Id, cancellationToken).ConfigureAwait(false);
        return next is null || link.Rotations + next.Rotations > MostRotations ? null : new SessionSuccessor(next.Session, link.Age, link.Rotations + next.Rotations);
    }

    /// <summary>Step 1.</summary>
    protected virtual async ValueTask<SessionVersion> ReserveAsync(SessionRecord found, string move) =>
        (await To.CreateAsync(MovingRecord.ReservationIdOf(move), MovingRecord.Reservation(move, found, HasEpochs)).ConfigureAwait(false)).Version;

    /// <summary>Step 2.</summary>
    protected virtual ValueTask<SessionWriteResult> MarkAsync(SessionRecord found, SessionContent marked) => From.ReplaceAsync(found.Id, found.Version, marked);

    /// <summary>Step 3.</summary>
    protected virtual ValueTask<SessionWriteResult> ArriveAsync(SessionRecord reservation, string id, SessionContent content) =>
        To.RotateAsync(reservation.Id, id, reservation.Version, content);

    /// <summary>Step 4.</summary>
    protected virtual ValueTask<SessionWriteResult> RemoveAsync(SessionRecord marked) => From.ReplaceAsync(marked.Id, marked.Version, MovingRecord.Ended);

    /// <summary>Whether sessions can be void, so that a reservation has to be found by the subject of its session.</summary>
    private bool HasEpochs => From.GetCapability<ISessionEpochs>() is not null && To.GetCapability<ISessionEpochs>() is not null;

    /// <summary>The lifetime on the new side: the same instant, or where the clocks of the two servers differ, the same remaining life.</summary>
    /// <param name="session">The record of the old side.</param>
    /// <param name="reservation">The record of the new side.</param>
    /// <param name="between">What may have passed between the readings of the two.</param>
    private static SessionLifetime LifetimeOf(SessionRecord session, SessionRecord reservation, TimeSpan between)
    {
        if (session.Remaining is not { } remaining)
            return SessionLifetime.Never;

        if (reservation.Remaining is not { } ofReservation)
            return SessionLifetime.Until(session.ExpiresAt);

        var ahead = reservation.ExpiresAt - ofReservation - (session.ExpiresAt - remaining);
        return ahead <= between + ClockTolerance && ahead >= -ClockTolerance ? SessionLifetime.Until(session.ExpiresAt) : SessionLifetime.For(remaining);
    }

    private static SessionStoreException TooLargeForNewSide(SessionRecord session, SessionPayloadTooLargeException tooLarge, bool mayHaveWritten) => new(
        nameof(MovingStore), "Move", SessionStoreFault.Misconfigured, $"A session of {session.Payload.Length:N0} bytes cannot be moved, because the new side takes at most {tooLarge.Limit:N0} bytes. Raise MaxPayloadBytes of the new side.", tooLarge, mayHaveWritten);

    private async ValueTask<(SessionRecord? Found, bool IsMoved)> RunAsync(string id, bool begins, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        SessionRecord? before = null;
        var isMoved = false;
        while (true)
        {
            var readAt = Clock.GetTimestamp();
            var found = await From.GetAsync(id, null, cancellationToken).ConfigureAwait(false);
            if (found is null)
                return (before, isMoved);

            if (!MovingRecord.IsMarked(found))
            {
                if (!begins)
                    return (before, isMoved);

                // A move that has begun is not cancelled: what it leaves would have to be finished by the next call.
                before = found;
                found = await BeginAsync(found).ConfigureAwait(false);
            }

            if (found is not null)
            {
                var (isArrived, isRemoved) = await CompleteAsync(found, readAt).ConfigureAwait(false);
                isMoved |= isArrived;
                if (isRemoved)
                    return (before, isMoved);
            }

            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new SessionStoreException(
                    nameof(MovingStore), "Move", SessionStoreFault.Timeout, $"The session could not be moved within {Patience.TotalSeconds} seconds, because other writers or a move of another node did not end. The call can be made again.", mayHaveWritten: true);
            }
        }
    }

    /// <summary>Steps 1 and 2.</summary>
    /// <returns>The marked record; null when the session has changed or ended since it was read.</returns>
    private async ValueTask<SessionRecord?> BeginAsync(SessionRecord found)
    {
        var move = MovingRecord.NewMove();
        SessionVersion reserved;
        try
        {
            reserved = await ReserveAsync(found, move).ConfigureAwait(false);
        }
        catch (SessionPayloadTooLargeException tooLarge)
        {
            throw TooLargeForNewSide(found, tooLarge, mayHaveWritten: false);
        }

        var marked = new SessionContent(MovingRecord.Mark(found.Payload, move), SessionLifetime.Until(found.ExpiresAt), found.Subject, found.Key);
        try
        {
            var result = await MarkAsync(found, marked).ConfigureAwait(false);
            if (result.Status == SessionWriteStatus.Written)
                return new SessionRecord(found.Id, marked.Payload, found.ExpiresAt, found.Remaining, found.Subject, result.Version, found.Key);

            // A store that has sent a write twice may report a conflict with itself.
            if (await From.GetAsync(found.Id).ConfigureAwait(false) is { } now && MovingRecord.MoveOf(now) == move)
                return now;
        }
        catch (SessionPayloadTooLargeException tooLarge)
        {
            await GiveUpAsync(move, reserved).ConfigureAwait(false);
            throw new SessionStoreException(
                nameof(MovingStore), "Move", SessionStoreFault.Misconfigured, $"A session of {found.Payload.Length:N0} bytes cannot be moved, because the old side takes at most {tooLarge.Limit:N0} bytes and the mark of the move needs {MovingRecord.MarkBytes} more. Raise MaxPayloadBytes of the old side by {MovingRecord.MarkBytes}.", tooLarge, mayHaveWritten: false);
        }
        catch (SessionStoreException failure) when (!failure.MayHaveWritten)
        {
            await GiveUpAsync(move, reserved).ConfigureAwait(false);
            throw;
        }

        await GiveUpAsync(move, reserved).ConfigureAwait(false);
        return null;
    }

    /// <summary>The key that a session of the old side has on the new one: none where that keeps no keys.</summary>
    public string? KeyOf(SessionRecord old) => old.Key is { } key && To.GetCapability<ISessionKeys>() is not null ? key : null;

    /// <summary>Removes a reservation for which there is no mark. Not by a destroy, which would follow it to a session that has arrived.</summary>
    private async ValueTask GiveUpAsync(string move, SessionVersion reserved) =>
        await To.ReplaceAsync(MovingRecord.ReservationIdOf(move), reserved, MovingRecord.Ended).ConfigureAwait(false);

    /// <summary>Steps 3 and 4.</summary>
    /// <returns>Whether this call has put the session on the new side, and whether it has removed the old record.</returns>
    private async ValueTask<(bool IsArrived, bool IsRemoved)> CompleteAsync(SessionRecord marked, long readAt)
    {
        var move = MovingRecord.MoveOf(marked)!;
        var isArrived = false;
        if (await To.GetAsync(MovingRecord.ReservationIdOf(move)).ConfigureAwait(false) is { } reservation)
        {
            var content = new SessionContent(MovingRecord.Unmark(marked), LifetimeOf(marked, reservation, Clock.GetElapsedTime(readAt)), marked.Subject, KeyOf(marked));
            SessionWriteResult result;
            try
            {
                result = await ArriveAsync(reservation, marked.Id, content).ConfigureAwait(false);
            }
            catch (SessionPayloadTooLargeException tooLarge)
            {
                throw TooLargeForNewSide(marked, tooLarge, mayHaveWritten: true);
            }

            if (result.Status == SessionWriteStatus.Written)
            {
                isArrived = true;
                report.Moved();
            }
            else if (result.Status != SessionWriteStatus.Taken || await To.GetAsync(marked.Id).ConfigureAwait(false) is null)
            {
                // Another node has taken the reservation, or is about to.
                await Task.Delay(Pause).ConfigureAwait(false);
                return (false, false);
            }
            else if (await To.GetAsync(reservation.Id).ConfigureAwait(false) is not null)
            {
                report.NewSideTaken();
            }
        }
        else
        {
            await AwaitArrivalAsync(marked.Id, move).ConfigureAwait(false);
        }

        var removed = await RemoveAsync(marked).ConfigureAwait(false);
        if (removed.Status == SessionWriteStatus.Conflict)
            report.OldSideWritten();

        return (isArrived, removed.Status == SessionWriteStatus.Written);
    }

    /// <summary>Waits for a session whose reservation is gone: it has arrived, or is between the two on a server that rotates in several steps, or has
    /// arrived and ended since.</summary>
    private async ValueTask AwaitArrivalAsync(string id, string move)
    {
        var began = Stopwatch.GetTimestamp();
        while (await To.GetAsync(id).ConfigureAwait(false) is null
            && await From.GetAsync(id).ConfigureAwait(false) is { } found && MovingRecord.MoveOf(found) == move)
        {
            if (Stopwatch.GetElapsedTime(began) >= ArrivalLimit)
            {
                report.NotArrived(ArrivalLimit);
                return;
            }

            await Task.Delay(Pause).ConfigureAwait(false);
        }
    }
}
