namespace SessionStores;

/// <summary>How long a session lives: an idle time, an absolute end, both (whichever is first), or neither, which is never to expire.</summary>
/// <remarks>The clock of the store turns a lifetime into an instant (<see cref="ExpiryAt"/>), in the same step that writes it. An idle time is
/// therefore right even where the clock of the caller is not; an absolute end is an instant that the caller means as such.</remarks>
public readonly record struct SessionLifetime
{
    /// <summary>The session does not expire. The default value.</summary>
    public static readonly SessionLifetime Never;

    /// <summary>Creates a lifetime with an idle time and an absolute end.</summary>
    /// <param name="idle">See <see cref="For"/>.</param>
    /// <param name="end">See <see cref="Until"/>.</param>
    public SessionLifetime(TimeSpan idle, DateTimeOffset end)
        : this(SessionExpiry.NormalizeIdle(idle), SessionExpiry.Normalize(end))
    {
    }

    private SessionLifetime(TimeSpan? idle, DateTimeOffset? end)
    {
        Idle = idle;
        End = end == SessionExpiry.Never ? null : end;
    }

    /// <summary>How long the session lives from the step that writes it; null without an idle time. Whole milliseconds, not negative.</summary>
    public TimeSpan? Idle { get; }

    /// <summary>The instant at which the session ends in any case; null without one. UTC, whole milliseconds.</summary>
    public DateTimeOffset? End { get; }

    /// <summary>Creates a lifetime that is counted from the step that writes it, by the clock of the store.</summary>
    /// <param name="idle">The idle time, rounded up to whole milliseconds. Zero or less has expired when it is written; what is longer than
    /// the calendar is no limit.</param>
    public static SessionLifetime For(TimeSpan idle) => new(SessionExpiry.NormalizeIdle(idle), null);

    /// <summary>Creates a lifetime with an absolute end.</summary>
    /// <param name="end">The end, rounded up to the next millisecond, in UTC; <see cref="SessionExpiry.Never"/> is no end.</param>
    public static SessionLifetime Until(DateTimeOffset end) => new(null, SessionExpiry.Normalize(end));

    /// <summary>The instant at which a session with this lifetime expires.</summary>
    /// <param name="now">The time by the clock of the store.</param>
    /// <returns>The earlier of <paramref name="now"/> plus <see cref="Idle"/> and <see cref="End"/>; <see cref="SessionExpiry.Never"/>
    /// without either.</returns>
    public DateTimeOffset ExpiryAt(DateTimeOffset now)
    {
        var expiry = End ?? SessionExpiry.Never;
        if (Idle is not { } idle)
            return expiry;

        // Rounded up, a session without any idle time would live for the rest of the millisecond.
        var byIdle = idle == TimeSpan.Zero ? now.ToUniversalTime().AddTicks(-(now.UtcTicks % TimeSpan.TicksPerMillisecond)) : SessionExpiry.Add(now, idle);
        return byIdle < expiry ? byIdle : expiry;
    }

    /// <summary>A duration is an idle time (<see cref="For"/>).</summary>
    public static implicit operator SessionLifetime(TimeSpan idle) => For(idle);

    /// <summary>An instant is an absolute end (<see cref="Until"/>).</summary>
    public static implicit operator SessionLifetime(DateTimeOffset end) => Until(end);
}
