namespace SessionStores;

/// <summary>The instants of the contract: UTC, whole milliseconds, and one value for "never".</summary>
public static class SessionExpiry
{
    /// <summary>The session does not expire.</summary>
    public static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;

    /// <summary>The latest instant other than <see cref="Never"/>: the last whole millisecond of the year 9999.</summary>
    private static readonly DateTimeOffset Latest = DateTimeOffset.FromUnixTimeMilliseconds(EpochTime.LastMillisecond);

    /// <summary>Brings an instant to UTC and rounds it up to the next whole millisecond; instants before 1970 become 1970.</summary>
    public static DateTimeOffset Normalize(DateTimeOffset instant)
    {
        if (instant == Never)
            return Never;

        if (instant <= DateTimeOffset.UnixEpoch)
            return DateTimeOffset.UnixEpoch;

        var utc = instant.ToUniversalTime();
        var excess = utc.Ticks % TimeSpan.TicksPerMillisecond;
        if (excess == 0)
            return utc;

        return utc >= Latest ? Latest : utc.AddTicks(TimeSpan.TicksPerMillisecond - excess);
    }

    /// <summary>The life that is left of a session, for <see cref="SessionRecord.Remaining"/>; null when it does not expire.</summary>
    /// <param name="expiresAt">The expiry of the session.</param>
    /// <param name="now">The time by the clock of the store.</param>
    public static TimeSpan? Remaining(DateTimeOffset expiresAt, DateTimeOffset now)
    {
        if (expiresAt == Never)
            return null;

        return expiresAt > now ? expiresAt - now : TimeSpan.Zero;
    }

    /// <summary>Adds a duration to an instant; where the sum would pass the year 9999 the result is <see cref="Never"/>.</summary>
    public static DateTimeOffset Add(DateTimeOffset instant, TimeSpan duration) =>
        duration >= Never - instant ? Never : Normalize(instant + duration);

    /// <summary>Rounds an idle time up to whole milliseconds. Null for one that is longer than the calendar, which is no limit.</summary>
    internal static TimeSpan? NormalizeIdle(TimeSpan idle)
    {
        if (idle <= TimeSpan.Zero)
            return TimeSpan.Zero;

        if (idle >= Never - DateTimeOffset.UnixEpoch)
            return null;

        var excess = idle.Ticks % TimeSpan.TicksPerMillisecond;
        return excess == 0 ? idle : new TimeSpan(idle.Ticks + TimeSpan.TicksPerMillisecond - excess);
    }
}
