using System.Globalization;

namespace SessionStores.Conformance.Histories;

/// <summary>One call of one client: what it asked for, what was returned, and when.</summary>
/// <remarks>Contents are named by marks that no two writes share, so that a version can be identified by its mark. Expiries are
/// numbers of minutes. Instants are numbers of one counter: a call that returned before another was invoked has the lower number.</remarks>
internal sealed record HistoryOperation
{
    public required int Client { get; init; }

    public required OperationKind Kind { get; init; }

    public required string Id { get; init; }

    /// <summary>The new id of a rotation.</summary>
    public string? NewId { get; init; }

    /// <summary>The mark whose version the caller had loaded; null for a change of whatever the content has become.</summary>
    public string? From { get; init; }

    /// <summary>The mark of the content that is written.</summary>
    public string? To { get; init; }

    /// <summary>The expiry that is written, or to which a slide extends.</summary>
    public int Minutes { get; init; }

    public long Invoked { get; init; }

    /// <summary>When the call returned; the end of time when it did not, for then the call may still take effect.</summary>
    public long Returned { get; init; } = long.MaxValue;

    /// <summary>What was returned; null when it is not known whether the call took effect.</summary>
    public HistoryResult? Result { get; init; }

    public override string ToString()
    {
        var asked = Kind switch
        {
            OperationKind.Get or OperationKind.Destroy or OperationKind.End => $"{Kind} {Id}",
            OperationKind.Slide or OperationKind.Touch => $"{Kind} {Id} to {Minutes} min",
            OperationKind.Create or OperationKind.Set => $"{Kind} {Id} {To} until {Minutes} min",
            OperationKind.Replace => $"{Kind} {Id} {From ?? "any"} by {To} until {Minutes} min",
            _ => $"{Kind} {Id} {From ?? "any"} to {NewId} {To} until {Minutes} min",
        };
        var end = Returned == long.MaxValue ? "…" : Returned.ToString(CultureInfo.InvariantCulture);
        return $"client {Client} [{Invoked}..{end}] {asked} -> {Result?.ToString() ?? "unknown"}";
    }
}

internal enum OperationKind
{
    Get = 1,
    Slide,
    Create,
    Replace,
    Set,
    Touch,
    Destroy,
    Rotate,

    /// <summary>A destruction whose caller does not learn whether a session was there.</summary>
    End,
}

/// <summary>What a call returned.</summary>
/// <param name="Status">The status, <c>True</c> or <c>False</c>, <c>Found</c> or <c>Null</c>.</param>
/// <param name="Mark">The mark of the content that was read.</param>
/// <param name="Minutes">The expiry that was read.</param>
internal sealed record HistoryResult(string Status, string? Mark = null, int Minutes = 0)
{
    public static readonly HistoryResult Done = new("Done");
    public static readonly HistoryResult Null = new("Null");

    /// <summary>The results that name no content.</summary>
    public static IEnumerable<HistoryResult> Plain => [.. Enum.GetValues<SessionWriteStatus>().Select(status => Of(status)), Of(true), Of(false), Done, Null];

    public static HistoryResult Of(Enum status) => new(status.ToString());

    public static HistoryResult Of(bool result) => new(result ? "True" : "False");

    public static HistoryResult Found(string mark, int minutes) => new("Found", mark, minutes);

    public override string ToString() => Mark is null ? Status : $"{Status} {Mark} until {Minutes} min";
}
