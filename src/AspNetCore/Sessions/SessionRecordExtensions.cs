namespace SessionStores.AspNetCore;

/// <summary>What a record says about the clock of its store, which may differ from that of this node.</summary>
internal static class SessionRecordExtensions
{
    /// <summary>The time by the clock of the store when the record was read. For a session that does not expire the store does not return it, and
    /// nothing is decided by it.</summary>
    public static DateTimeOffset ReadAt(this SessionRecord record, TimeProvider clock) =>
        record.Remaining is { } remaining ? record.ExpiresAt - remaining : clock.GetUtcNow();
}
