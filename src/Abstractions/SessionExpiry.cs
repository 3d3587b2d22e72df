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

    /// <summary>Adds a duration to an instant; where the sum would pass the year 9999 the result is <see cref="Never"/>.</summary>
    public static DateTimeOffset Add(DateTimeOffset instant, TimeSpan duration) =>
        duration >= Never - instant ? Never : Normalize(instant + duration);
}
