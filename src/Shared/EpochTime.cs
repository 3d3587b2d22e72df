namespace SessionStores;

/// <summary>Instants as numbers since 1970, as servers and payloads hold them. <see cref="SessionExpiry.Never"/> has no number of its own.</summary>
internal static class EpochTime
{
    /// <summary>The last whole millisecond of the year 9999, the latest that <see cref="DateTimeOffset"/> holds.</summary>
    public const long LastMillisecond = 253_402_300_799_999;

    /// <summary>Converts milliseconds since 1970; negative values and those after the year 9999 are <see cref="SessionExpiry.Never"/>.</summary>
    public static DateTimeOffset FromMilliseconds(long milliseconds) =>
        milliseconds is < 0 or > LastMillisecond ? SessionExpiry.Never : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    /// <summary>Converts an instant to whole milliseconds since 1970.</summary>
    /// <param name="instant">The instant.</param>
    /// <param name="never">The number of <see cref="SessionExpiry.Never"/> at the server.</param>
    public static long ToMilliseconds(DateTimeOffset instant, long never) => instant == SessionExpiry.Never ? never : instant.ToUnixTimeMilliseconds();

    /// <summary>Converts seconds since 1970, rounded up to whole milliseconds; values after the year 9999, infinity included, are
    /// <see cref="SessionExpiry.Never"/>.</summary>
    /// <remarks>Servers hold microseconds; what is finer in <paramref name="seconds"/> is noise of the binary fraction.</remarks>
    public static DateTimeOffset FromSeconds(double seconds) => seconds > LastMillisecond / 1000d
        ? SessionExpiry.Never
        : DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Ceiling(Math.Round(seconds * 1_000_000) / 1000));

    /// <summary>Converts an instant to seconds since 1970; <see cref="SessionExpiry.Never"/> is positive infinity.</summary>
    public static double ToSeconds(DateTimeOffset instant) =>
        instant == SessionExpiry.Never ? double.PositiveInfinity : instant.ToUnixTimeMilliseconds() / 1000d;
}
