using SessionStores.Conformance.Histories;

namespace SessionStores.Reliability.Tests;

/// <summary>What is wrong with a history that no order of its calls explains.</summary>
/// <param name="Lost">An acknowledged change was gone later.</param>
/// <param name="Resurrected">A session was there after an acknowledged log-out.</param>
/// <param name="Stale">How many results that told of no change did not fit what held.</param>
internal sealed record Verdict(bool Lost, bool Resurrected, int Stale)
{
    /// <summary>The client that reads every session after the faults are over: what it saw is what held.</summary>
    public const int Last = -1;

    public static readonly Verdict Explained = new(false, false, 0);

    public static Verdict Of(IReadOnlyList<HistoryOperation> history)
    {
        if (HistoryChecker.IsExplained(history))
            return Explained;

        var firm = history.Where(operation => !IsGlance(operation)).ToList();
        if (!HistoryChecker.IsExplained(firm))
            return OfFirm(firm);

        // The changes are consistent: only what some calls saw is not.
        var stale = 0;
        foreach (var glance in history.Where(IsGlance).OrderBy(operation => operation.Returned))
        {
            firm.Add(glance);
            if (HistoryChecker.IsExplained(firm))
                continue;

            firm.Remove(glance);
            stale++;
        }

        return new Verdict(false, false, stale);
    }

    /// <summary>Whether a call told its caller of no change. That nothing was left to log out is a promise, not a glance.</summary>
    private static bool IsGlance(HistoryOperation operation) =>
        operation is { Client: not Last, Result: { } result, Kind: not OperationKind.Destroy }
        && (result == HistoryResult.Null || !HistoryChecker.Changes(operation));

    private static Verdict OfFirm(List<HistoryOperation> firm)
    {
        var prefix = HistoryChecker.FirstUnexplained(firm).ToList();
        var odd = prefix.Where(operation => operation.Result is not null).MaxBy(operation => operation.Returned)!;
        var saw = odd.Kind != OperationKind.Create && odd.Result!.Status is "Found" or "True" or nameof(SessionWriteStatus.Written);

        // It saw a session: if there could be one, with whatever content, then a change of the content was lost.
        prefix[prefix.IndexOf(odd)] = odd with { Kind = OperationKind.Touch, NewId = null, Minutes = 0, Result = HistoryResult.Of(true) };
        return saw && !HistoryChecker.IsExplained(prefix) ? Explained with { Resurrected = true } : Explained with { Lost = true };
    }
}
