namespace SessionStores.AspNetCore;

/// <summary>Delivers the events of one set of sessions. Does nothing without a handler.</summary>
/// <param name="set">The set of sessions.</param>
/// <param name="handlers">The handlers, which may need what is being put together here; null for none.</param>
internal sealed class SessionEventSource(SessionSet set, Lazy<ISessionEvents[]>? handlers)
{
    /// <summary>Whether there is a handler.</summary>
    public bool IsOn { get; } = handlers is not null;

    /// <summary>How many handlers there are.</summary>
    public int Handlers => handlers?.Value.Length ?? 0;

    /// <summary>A session was created.</summary>
    public ValueTask CreatedAsync(SessionState state) => IsOn ? RaiseAsync(Of(SessionEventKind.Created, state.Id, state.StoredSubject, state.Data.Label)) : default;

    /// <summary>A sign-in was created.</summary>
    public ValueTask CreatedAsync(string key, string? subject, string? label) => IsOn ? RaiseAsync(Of(SessionEventKind.Created, key, subject, label)) : default;

    /// <summary>A session got a new id.</summary>
    public ValueTask RotatedAsync(string oldId, SessionState state) =>
        IsOn ? RaiseAsync(Of(SessionEventKind.Rotated, state.Id, state.StoredSubject, state.Data.Label, formerId: oldId)) : default;

    /// <summary>A request came with the id that a session had before.</summary>
    public ValueTask ReusedAsync(string oldId, SessionRecord session) =>
        IsOn ? RaiseAsync(Of(SessionEventKind.Reused, session.Id, session.Subject, LabelOf(session), formerId: oldId)) : default;

    /// <summary>A session was destroyed that was loaded before.</summary>
    public ValueTask EndedAsync(string id, SessionState state) =>
        IsOn ? RaiseAsync(Of(SessionEventKind.Ended, id, state.StoredSubject, state.Data.Label, state.Scope.EndReason)) : default;

    /// <summary>A session was destroyed of which the record is known, or only the id.</summary>
    public ValueTask EndedAsync(string id, SessionRecord? record, SessionEndReason reason) =>
        IsOn ? RaiseAsync(Of(SessionEventKind.Ended, id, record?.Subject, LabelOf(record), reason)) : default;

    /// <summary>The time of a session is over.</summary>
    /// <returns>Whether every handler has taken it.</returns>
    public async ValueTask<bool> ExpiredAsync(SessionRecord record, DateTimeOffset at, CancellationToken cancellationToken) =>
        !IsOn || await DeliverAsync(Of(SessionEventKind.Expired, record.Id, record.Subject, LabelOf(record), at: at), cancellationToken);

    private static string? LabelOf(SessionRecord? record) => record is null ? null : SessionFacts.Of(record).Label;

    private SessionEvent Of(
        SessionEventKind kind, string id, string? subject, string? label, SessionEndReason? reason = null, string? formerId = null, DateTimeOffset? at = null) => new()
    {
        Kind = kind,
        Handle = SessionHandle.Of(id),
        FormerHandle = formerId is null ? null : SessionHandle.Of(formerId),
        Subject = subject,
        Label = label,
        Reason = reason,
        At = at ?? set.StoreClock.Now,
        Set = set.Name,
        IsTicket = SessionTicketStore.IsKey(id),
    };

    private async ValueTask RaiseAsync(SessionEvent sessionEvent) => await DeliverAsync(sessionEvent, CancellationToken.None);

    private async ValueTask<bool> DeliverAsync(SessionEvent sessionEvent, CancellationToken cancellationToken)
    {
        var isTaken = true;
        foreach (var handler in handlers!.Value)
            isTaken &= await DeliverAsync(handler, sessionEvent, cancellationToken);

        if (isTaken)
            set.Metrics.Event(sessionEvent);

        return isTaken;
    }

    private async ValueTask<bool> DeliverAsync(ISessionEvents handler, SessionEvent sessionEvent, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(set.Options.EventTimeout, set.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        Task? delivery = null;
        try
        {
            delivery = handler.OnEventAsync(sessionEvent, either.Token).AsTask();
            await delivery.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure)
        {
            // The session has changed already: a handler that fails is no reason to fail the request, or to stop housekeeping.
            var isLate = failure is OperationCanceledException && time.IsCancellationRequested;
            set.Metrics.EventFailed(sessionEvent.Kind, isLate ? "timeout" : failure.GetType().Name);
            Log.EventNotTaken(set.Logger, handler.GetType().Name, sessionEvent.Kind, isLate ? $"It took longer than SessionStoresOptions.EventTimeout ({set.Options.EventTimeout})." : "It threw an exception.", failure);
            return false;
        }
        finally
        {
            if (delivery is { IsCompleted: false })
                delivery.Abandon();
        }
    }
}
