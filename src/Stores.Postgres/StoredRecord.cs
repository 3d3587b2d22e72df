namespace SessionStores.Postgres;

/// <summary>What a row is to a caller, and an instant to a row.</summary>
internal static class StoredRecord
{
    /// <summary>The first instant of the year 10000; a stored expiry may lie there after it was rounded up.</summary>
    private const double EndOfTime = 253_402_300_800;

    public static SessionRecord Of(string id, byte[] payload, double epoch, string? subject) =>
        new(id, payload, InstantOf(epoch), subject, SessionVersion.Of(payload, subject));

    /// <summary>Whether text that is JSON, as the column's type makes sure, is a JSON object.</summary>
    public static bool IsObject(ReadOnlySpan<byte> json) => json.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    public static double EpochOf(DateTimeOffset instant) =>
        instant == SessionExpiry.Never ? double.PositiveInfinity : instant.ToUnixTimeMilliseconds() / 1000d;

    public static DateTimeOffset InstantOf(double epoch) =>
        epoch >= EndOfTime ? SessionExpiry.Never : DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Ceiling(Math.Round(epoch * 1_000_000) / 1000));
}
