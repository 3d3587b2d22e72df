using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionStores.Tool;

/// <summary>What is printed of a session: never its id.</summary>
internal sealed record SessionView(string Handle, string? Subject, DateTimeOffset? ExpiresAt, double? RemainingSeconds, int PayloadBytes, bool IsProtected)
{
    public const string ProtectedNote =
        "There are protected sessions here. Handles and subjects are those of the stored records, not those of the application: --config with its Protection:Keys opens them.";

    public static SessionView Of(SessionRecord record) => new(
        Tool.Handle.Of(record.Id),
        record.Subject,
        record.ExpiresAt == SessionExpiry.Never ? null : record.ExpiresAt,
        record.Remaining?.TotalSeconds,
        record.Payload.Length,
        IsSealed(record));

    /// <summary>Whether it was read as the server has it: then handle and subject are not those of the application.</summary>
    public static bool IsSealed(SessionRecord record) => record.Payload.Span.IndexOf("\"__sealed\":"u8) >= 0;

    /// <summary>When it expires, and in how long, as text.</summary>
    [JsonIgnore]
    public string Expiry => ExpiresAt is { } expiresAt && RemainingSeconds is { } remaining
        ? $"{expiresAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)} (in {Duration(TimeSpan.FromSeconds(remaining))})"
        : "never";

    private static string Duration(TimeSpan time) => time switch
    {
        { TotalDays: >= 2 } => $"{time.TotalDays:0} days",
        { TotalHours: >= 2 } => $"{time.TotalHours:0} hours",
        { TotalMinutes: >= 2 } => $"{time.TotalMinutes:0} minutes",
        _ => $"{time.TotalSeconds:0} seconds",
    };
}

/// <summary>What is printed of a member of a session. The value is null unless it was asked for.</summary>
internal sealed record MemberView(string Name, string Kind, int Characters, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Value)
{
    /// <summary>The members of a payload, in its order.</summary>
    /// <exception cref="JsonException">The payload is not JSON.</exception>
    public static IReadOnlyList<MemberView> Of(ReadOnlyMemory<byte> payload, bool withValues)
    {
        using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = SessionArguments.MaxPayloadDepth + 1 });
        return [.. document.RootElement.EnumerateObject().Select(member => new MemberView(
            member.Name, KindOf(member.Value), member.Value.GetRawText().Length, withValues ? member.Value.Clone() : null))];
    }

    private static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };
}
