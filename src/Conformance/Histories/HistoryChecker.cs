using System.Collections.Immutable;
using System.Text;
using Cells = System.Collections.Immutable.ImmutableSortedDictionary<string, SessionStores.Conformance.Histories.SequentialModel.Cell>;

namespace SessionStores.Conformance.Histories;

/// <summary>Decides whether some order of the calls of a history explains all their results (linearizability).</summary>
/// <remarks>The search of Wing and Gong with Lowe's memory of what was tried: take any call that no unordered call has returned before,
/// let the model apply it, continue with the rest; a set of ordered calls that led to the same state before is not tried again. Sessions
/// that no rotation connects are checked apart.</remarks>
internal static class HistoryChecker
{
    /// <summary>The largest number of calls on connected sessions.</summary>
    public const int MaxOperations = 64;

    private const int SureBound = 20_000;

    /// <summary>Up to this many calls other results are tried, each by a search of its own.</summary>
    private const int FewOperations = 12;

    private static readonly Cells Empty = Cells.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Null when the history is explained, else the shortest piece that is not.</summary>
    public static string? Check(IReadOnlyList<HistoryOperation> history)
    {
        foreach (var part in Parts(history))
        {
            if (!IsExplained(part))
                return Describe(Reduce(part));
        }

        return null;
    }

    /// <summary>The shortest piece that was found not to be explained.</summary>
    public static IReadOnlyList<HistoryOperation> Shrink(IReadOnlyList<HistoryOperation> history) => Closed(Reduce(history));

    private static IReadOnlyList<HistoryOperation> Closed(IEnumerable<HistoryOperation> history) =>
        [.. history.Where(operation => operation.Result is not null).OrderBy(operation => operation.Invoked)];

    /// <summary>A piece that is not explained, in which calls that need no result are left open.</summary>
    private static List<HistoryOperation> Reduce(IReadOnlyList<HistoryOperation> history)
    {
        var left = FirstUnexplained(history).ToList();

        // A call that by its own result changed nothing can be left out of any history; one that changed something can only be left open.
        foreach (var operation in left.Where(operation => !Changes(operation)).ToList())
        {
            var without = left.Where(each => each != operation).ToList();
            if (!IsExplained(without))
                left = without;
        }

        for (var i = 0; i < left.Count; i++)
        {
            var kept = left[i];
            left[i] = Forget(kept);
            if (!IsSurelyUnexplained(left))
                left[i] = kept;
        }

        return left;
    }

    /// <summary>The history up to the first result that cannot be explained; calls that were under way then are left open.</summary>
    public static IEnumerable<HistoryOperation> FirstUnexplained(IReadOnlyList<HistoryOperation> history)
    {
        foreach (var last in history.Where(operation => operation.Result is not null).OrderBy(operation => operation.Returned))
        {
            var prefix = history.Where(operation => operation.Invoked < last.Returned)
                .Select(operation => operation.Returned > last.Returned ? Forget(operation) : operation).ToList();
            if (!IsExplained(prefix))
                return prefix;
        }

        return history;
    }

    /// <summary>Whether a call changed something, by its own result.</summary>
    public static bool Changes(HistoryOperation operation) =>
        operation.Result?.Status is null or nameof(SessionWriteStatus.Written) or "Done" or "True" || operation.Kind == OperationKind.Slide;

    public static bool IsExplained(IReadOnlyList<HistoryOperation> history) => Search(history, int.MaxValue);

    /// <summary>Calls that are left open make the search long; beyond a bound the result is not known.</summary>
    private static bool IsSurelyUnexplained(IReadOnlyList<HistoryOperation> history) => !Search(history, SureBound);

    /// <summary>Whether an order was found, or <paramref name="bound"/> tries were not enough to tell.</summary>
    private static bool Search(IReadOnlyList<HistoryOperation> history, int bound)
    {
        if (history.Count > MaxOperations)
            throw new ArgumentException($"A history must have at most {MaxOperations} calls on connected sessions, but has {history.Count}.", nameof(history));

        var required = 0UL;
        for (var i = 0; i < history.Count; i++)
        {
            if (history[i].Result is not null)
                required |= 1UL << i;
        }

        return Search(history, required, 0, Empty, [], bound);
    }

    private static bool Search(
        IReadOnlyList<HistoryOperation> history, ulong required, ulong done, Cells state, HashSet<(ulong, string)> tried, int bound)
    {
        if ((required & ~done) == 0 || tried.Count > bound)
            return true;

        if (!tried.Add((done, Key(state))))
            return false;

        var firstReturn = long.MaxValue;
        for (var i = 0; i < history.Count; i++)
        {
            if ((done & (1UL << i)) == 0 && history[i].Returned < firstReturn)
                firstReturn = history[i].Returned;
        }

        for (var i = 0; i < history.Count; i++)
        {
            var operation = history[i];
            if ((done & (1UL << i)) != 0 || operation.Invoked > firstReturn)
                continue;

            foreach (var (result, next) in SequentialModel.Apply(state, operation))
            {
                // To order a call without a result that changes nothing is the same as to leave it out, and would double the search.
                var helps = operation.Result is null ? !ReferenceEquals(next, state) : operation.Result == result;
                if (helps && Search(history, required, done | (1UL << i), next, tried, bound))
                    return true;
            }
        }

        return false;
    }

    /// <summary>The call may have taken effect at any time after it was invoked, or not at all.</summary>
    public static HistoryOperation Forget(HistoryOperation operation) => operation with { Result = null, Returned = long.MaxValue };

    private static IEnumerable<List<HistoryOperation>> Parts(IReadOnlyList<HistoryOperation> history)
    {
        var parts = new List<(HashSet<string> Ids, List<HistoryOperation> Operations)>();
        foreach (var operation in history)
        {
            var ids = new HashSet<string>(StringComparer.Ordinal) { operation.Id };
            if (operation.NewId is not null)
                ids.Add(operation.NewId);

            var operations = new List<HistoryOperation>();
            foreach (var met in parts.Where(part => part.Ids.Overlaps(ids)).ToList())
            {
                parts.Remove(met);
                ids.UnionWith(met.Ids);
                operations.AddRange(met.Operations);
            }

            operations.Add(operation);
            parts.Add((ids, operations));
        }

        return parts.Select(part => part.Operations);
    }

    private static string Key(Cells state)
    {
        var key = new StringBuilder();
        foreach (var (id, cell) in state)
            key.Append(id).Append('=').Append(cell.Mark).Append('@').Append(cell.Minutes).Append('>').Append(cell.BecameId).Append(';');

        return key.ToString();
    }

    private static string Describe(IReadOnlyList<HistoryOperation> reduced)
    {
        var piece = Closed(reduced);
        return $"no order of these {piece.Count} calls explains their results, whatever the other calls did:{Environment.NewLine}  "
            + string.Join($"{Environment.NewLine}  ", piece) + Expected(reduced);
    }

    /// <summary>What the call that returned last could have returned instead.</summary>
    private static string Expected(IReadOnlyList<HistoryOperation> reduced)
    {
        if (reduced.Count > FewOperations)
            return "";

        var last = Closed(reduced).MaxBy(operation => operation.Returned)!;
        var minutes = reduced.Select(operation => operation.Minutes).Distinct().ToList();
        var read = reduced.Select(operation => operation.To).OfType<string>().SelectMany(mark => minutes.Select(life => HistoryResult.Found(mark, life)));
        var results = HistoryResult.Plain.Concat(read)
            .Where(result => IsExplained([.. reduced.Select(operation => operation == last ? operation with { Result = result } : operation)])).ToList();
        return results.Count == 0 ? "" : $"{Environment.NewLine}With the others as they are, the last one can return {string.Join(" or ", results)}.";
    }
}
