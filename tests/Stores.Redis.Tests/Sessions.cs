using System.Text;

namespace SessionStores.Redis.Tests;

/// <summary>Content for tests.</summary>
internal static class Sessions
{
    public static DateTimeOffset InAnHour => SessionExpiry.Normalize(TimeProvider.System.GetUtcNow().AddHours(1));

    public static SessionContent Of(string json, string? subject = null) => Of(json, InAnHour, subject);

    public static SessionContent Of(string json, DateTimeOffset expiresAt, string? subject = null) => new(Encoding.UTF8.GetBytes(json), expiresAt, subject);

    public static string TextOf(SessionRecord? record) => Encoding.UTF8.GetString(record!.Payload.Span);

    public static async Task<List<SessionRecord>> AllOf(IAsyncEnumerable<SessionRecord> records)
    {
        var all = new List<SessionRecord>();
        await foreach (var record in records)
            all.Add(record);

        return all;
    }
}
