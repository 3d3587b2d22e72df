namespace SessionStores.AspNetCore;

/// <summary>What a user may see of one of the own sessions or sign-ins: never the id, which gives access.</summary>
/// <remarks>All instants are those of the clock of the store.</remarks>
public sealed class SessionInfo
{
    /// <summary>What a store rounds an expiry up to at most.</summary>
    private static readonly TimeSpan Precision = TimeSpan.FromSeconds(1);

    /// <summary>The public name of the session (<see cref="HttpSession.Handle"/>), by which <see cref="SessionAccess.DestroyByHandleAsync"/> ends it.</summary>
    public required string Handle { get; init; }

    /// <summary>What the session and the sign-in of one browser and one user have in common: group by it to show one entry for both. The <see cref="Handle"/> where
    /// there is only one of them.</summary>
    public required string Device { get; init; }

    /// <summary>What the application called it (<see cref="HttpSession.Label"/>, <see cref="SessionTicketOptions.Label"/>), such as the device; or null.</summary>
    public string? Label { get; init; }

    /// <summary>Since when it has had its owner; null in a record that another application wrote.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When its owner was authenticated last; null in a record that another application wrote.</summary>
    public DateTimeOffset? AuthenticatedAt { get; init; }

    /// <summary>When it was used last, as its expiry shows: a session in use is extended only from time to time
    /// (<see cref="SessionStoresOptions.TouchAfter"/>), so it may have been used after this. Null where the expiry does not show it: the session does not
    /// expire, or use no longer postpones its end.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>When it ends unless it is used; <see cref="SessionExpiry.Never"/> if it does not expire.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Whether it is a sign-in that <c>AddSessionTickets</c> keeps, and not a session.</summary>
    public bool IsTicket { get; init; }

    /// <summary>Whether it belongs to the browser of the request, as far as its ids were given.</summary>
    public bool IsCurrent { get; init; }

    /// <summary>Describes a record.</summary>
    internal static SessionInfo Of(SessionRecord record, SessionData data, SessionSet set, bool isCurrent)
    {
        var facts = data.Facts;
        return new SessionInfo
        {
            Handle = SessionHandle.Of(record.Id),
            Device = facts.Device ?? SessionHandle.Of(record.Id),
            Label = facts.Label,
            CreatedAt = facts.CreatedAt,
            AuthenticatedAt = facts.AuthenticatedAt,
            LastSeenAt = LastSeenOf(record, data, set),
            ExpiresAt = record.ExpiresAt,
            IsTicket = SessionTicketStore.IsKey(record.Id),
            IsCurrent = isCurrent,
        };
    }

    private static DateTimeOffset? LastSeenOf(SessionRecord record, SessionData data, SessionSet set)
    {
        var idle = data.IdleTime(set.Options.IdleTimeout);
        if (record.ExpiresAt == SessionExpiry.Never || data.AbsoluteExpiresAt <= record.ExpiresAt || idle > record.ExpiresAt - DateTimeOffset.UnixEpoch)
            return null;

        var (seen, now) = (record.ExpiresAt - idle, record.ReadAt(set.Clock));
        if (seen <= now)
            return seen;

        // The expiry was rounded up, or it was set for a longer idle time than is known here.
        return seen - now <= Precision ? now : null;
    }
}
