namespace SessionStores.AspNetCore;

/// <summary>Something that has happened to a session or a sign-in. It never contains the id, which gives access.</summary>
public sealed class SessionEvent
{
    /// <summary>What has happened.</summary>
    public required SessionEventKind Kind { get; init; }

    /// <summary>The public name of the session (<see cref="HttpSession.Handle"/>); after a rotation the new one.</summary>
    public required string Handle { get; init; }

    /// <summary>The handle before a rotation, or that of an old id that was used; otherwise null.</summary>
    public string? FormerHandle { get; init; }

    /// <summary>The owner as the store has it (<see cref="HttpSession.Subject"/>); null for the session of a visitor, and where only the id of the session was known.</summary>
    public string? Subject { get; init; }

    /// <summary>What the application called the session (<see cref="HttpSession.Label"/>); null without a label, and where only the id of the session was known.</summary>
    public string? Label { get; init; }

    /// <summary>Who ended the session; null for other kinds.</summary>
    public SessionEndReason? Reason { get; init; }

    /// <summary>When it happened, by the clock of the store.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the set of sessions; empty for the default one.</summary>
    public string Set { get; init; } = "";

    /// <summary>Whether it is a sign-in that <c>AddSessionTickets</c> keeps, and not a session.</summary>
    public bool IsTicket { get; init; }

    /// <summary>Names only the kind.</summary>
    public override string ToString() => $"{nameof(SessionEvent)} {Kind}";
}
