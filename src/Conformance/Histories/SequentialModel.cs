using System.Collections.Immutable;

namespace SessionStores.Conformance.Histories;

/// <summary>The contract for one caller at a time: what each operation returns and leaves behind. Nothing expires in a history.</summary>
internal static class SequentialModel
{
    /// <summary>What a session holds: the mark of its content, and its expiry.</summary>
    internal readonly record struct Cell(string Mark, int Minutes);

    /// <summary>The answers that the contract allows in a state, each with the state that follows.</summary>
    public static IEnumerable<(HistoryAnswer Answer, ImmutableSortedDictionary<string, Cell> Next)> Apply(
        ImmutableSortedDictionary<string, Cell> state, HistoryOperation operation)
    {
        var there = state.TryGetValue(operation.Id, out var cell);
        var written = new Cell(operation.To ?? "", operation.Minutes);
        var moved = cell with { Minutes = Math.Max(cell.Minutes, operation.Minutes) };
        switch (operation.Kind)
        {
            case OperationKind.Get:
                yield return (there ? HistoryAnswer.Found(cell.Mark, cell.Minutes) : HistoryAnswer.Null, state);
                break;

            case OperationKind.Slide:
                yield return there
                    ? (HistoryAnswer.Found(cell.Mark, moved.Minutes), state.SetItem(operation.Id, moved))
                    : (HistoryAnswer.Null, state);
                break;

            case OperationKind.Create:
                yield return there
                    ? (HistoryAnswer.Of(SessionWriteStatus.Taken), state)
                    : (HistoryAnswer.Of(SessionWriteStatus.Written), state.SetItem(operation.Id, written));
                break;

            case OperationKind.Replace when !there:
                yield return (HistoryAnswer.Of(SessionWriteStatus.Gone), state);
                break;

            case OperationKind.Replace:
                yield return cell.Mark != operation.From
                    ? (HistoryAnswer.Of(SessionWriteStatus.Conflict), state)
                    : (HistoryAnswer.Of(SessionWriteStatus.Written), state.SetItem(operation.Id, written));
                break;

            case OperationKind.Set:
                yield return (HistoryAnswer.Done, state.SetItem(operation.Id, written));
                break;

            case OperationKind.Touch:
                yield return (HistoryAnswer.Of(there), there ? state.SetItem(operation.Id, moved) : state);
                break;

            case OperationKind.Destroy:
                yield return (HistoryAnswer.Of(there), state.Remove(operation.Id));
                break;

            case OperationKind.Rotate when !there:
                yield return (HistoryAnswer.Of(SessionWriteStatus.Gone), state);
                break;

            default:
                var conflicts = operation.From is not null && cell.Mark != operation.From;
                var taken = state.ContainsKey(operation.NewId!);
                if (conflicts)
                    yield return (HistoryAnswer.Of(SessionWriteStatus.Conflict), state);

                if (taken)
                    yield return (HistoryAnswer.Of(SessionWriteStatus.Taken), state);

                if (!conflicts && !taken)
                    yield return (HistoryAnswer.Of(SessionWriteStatus.Written), state.Remove(operation.Id).SetItem(operation.NewId!, written));

                break;
        }
    }
}
