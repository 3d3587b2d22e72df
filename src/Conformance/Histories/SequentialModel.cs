using System.Collections.Immutable;

namespace SessionStores.Conformance.Histories;

/// <summary>The contract for one caller at a time: what each operation returns and leaves behind. Nothing expires in a history, links included.</summary>
internal static class SequentialModel
{
    private const int MaxHops = 16;

    /// <summary>What an id holds: a session, as the mark of its content and its expiry, or the id that it became by a rotation.</summary>
    internal readonly record struct Cell(string Mark, int Minutes, string? BecameId = null);

    /// <summary>The results that the contract allows in a state, each with the state that follows.</summary>
    public static IEnumerable<(HistoryResult Result, ImmutableSortedDictionary<string, Cell> Next)> Apply(
        ImmutableSortedDictionary<string, Cell> state, HistoryOperation operation)
    {
        var there = IsThere(state, operation.Id, out var cell);
        var written = new Cell(operation.To ?? "", operation.Minutes);
        var moved = cell with { Minutes = Math.Max(cell.Minutes, operation.Minutes) };
        switch (operation.Kind)
        {
            case OperationKind.Get:
                yield return (there ? HistoryResult.Found(cell.Mark, cell.Minutes) : HistoryResult.Null, state);
                break;

            case OperationKind.Slide:
                yield return there
                    ? (HistoryResult.Found(cell.Mark, moved.Minutes), state.SetItem(operation.Id, moved))
                    : (HistoryResult.Null, state);
                break;

            case OperationKind.Create:
                yield return there
                    ? (HistoryResult.Of(SessionWriteStatus.Taken), state)
                    : (HistoryResult.Of(SessionWriteStatus.Written), state.SetItem(operation.Id, written));
                break;

            case OperationKind.Replace when !there:
                yield return (HistoryResult.Of(SessionWriteStatus.Gone), state);
                break;

            case OperationKind.Replace:
                yield return operation.From is not null && cell.Mark != operation.From
                    ? (HistoryResult.Of(SessionWriteStatus.Conflict), state)
                    : (HistoryResult.Of(SessionWriteStatus.Written), state.SetItem(operation.Id, written));
                break;

            case OperationKind.Set:
                yield return (HistoryResult.Done, state.SetItem(operation.Id, written));
                break;

            case OperationKind.Touch:
                yield return (HistoryResult.Of(there), there ? state.SetItem(operation.Id, moved) : state);
                break;

            case OperationKind.Destroy or OperationKind.End:
                var target = Follow(state, operation.Id);
                var after = state.Remove(target);
                var result = operation.Kind == OperationKind.End ? HistoryResult.Done : HistoryResult.Of(IsThere(state, target, out _));
                yield return (result, after);

                // Whether a link outlives the log-out that followed it is left to the store.
                if (target != operation.Id)
                    yield return (result, WithoutLinks(after, operation.Id));

                break;

            case OperationKind.Rotate when !there:
                yield return (HistoryResult.Of(SessionWriteStatus.Gone), state);
                break;

            default:
                var conflicts = operation.From is not null && cell.Mark != operation.From;
                var taken = IsThere(state, operation.NewId!, out _);
                if (conflicts)
                    yield return (HistoryResult.Of(SessionWriteStatus.Conflict), state);

                if (taken)
                    yield return (HistoryResult.Of(SessionWriteStatus.Taken), state);

                if (!conflicts && !taken)
                    yield return (HistoryResult.Of(SessionWriteStatus.Written), state.SetItem(operation.Id, new Cell("", 0, operation.NewId)).SetItem(operation.NewId!, written));

                break;
        }
    }

    private static bool IsThere(ImmutableSortedDictionary<string, Cell> state, string id, out Cell cell) =>
        state.TryGetValue(id, out cell) && cell.BecameId is null;

    private static ImmutableSortedDictionary<string, Cell> WithoutLinks(ImmutableSortedDictionary<string, Cell> state, string id)
    {
        while (state.TryGetValue(id, out var cell) && cell.BecameId is { } became)
            (state, id) = (state.Remove(id), became);

        return state;
    }

    /// <summary>The id of the session that a session became, over any number of rotations.</summary>
    private static string Follow(ImmutableSortedDictionary<string, Cell> state, string id)
    {
        for (var hop = 0; hop < MaxHops && state.TryGetValue(id, out var cell) && cell.BecameId is { } became; hop++)
            id = became;

        return id;
    }
}
