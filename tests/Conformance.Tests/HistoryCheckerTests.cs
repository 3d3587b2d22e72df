using SessionStores.Conformance.Histories;
using static SessionStores.Conformance.Histories.OperationKind;

namespace SessionStores.Conformance.Tests;

public sealed class HistoryCheckerTests
{
    private static readonly HistoryResult Created = HistoryResult.Of(SessionWriteStatus.Written);
    private static readonly HistoryResult Taken = HistoryResult.Of(SessionWriteStatus.Taken);
    private static readonly HistoryResult Replaced = HistoryResult.Of(SessionWriteStatus.Written);
    private static readonly HistoryResult Conflict = HistoryResult.Of(SessionWriteStatus.Conflict);
    private static readonly HistoryResult Gone = HistoryResult.Of(SessionWriteStatus.Gone);
    private static readonly HistoryResult Rotated = HistoryResult.Of(SessionWriteStatus.Written);
    private static readonly HistoryResult True = HistoryResult.Of(true);
    private static readonly HistoryResult False = HistoryResult.Of(false);

    [Fact]
    public void What_one_client_does_in_order_is_explained() => Explained(
        Call(1, 2, Get, HistoryResult.Null),
        Call(3, 4, Create, Created, to: "a", minutes: 5),
        Call(5, 6, Create, Taken, to: "b"),
        Call(7, 8, Touch, True, minutes: 9),
        Call(9, 10, Touch, True, minutes: 3),
        Call(11, 12, Get, HistoryResult.Found("a", 9)),
        Call(13, 14, Slide, HistoryResult.Found("a", 20), minutes: 20),
        Call(15, 16, Replace, Replaced, from: "a", to: "c", minutes: 1),
        Call(17, 18, Replace, Conflict, from: "a", to: "d"),
        Call(19, 20, Set, HistoryResult.Done, to: "e", minutes: 2),
        Call(21, 22, Rotate, Rotated, to: "f", newId: "y", minutes: 4),
        Call(23, 24, Get, HistoryResult.Null),
        Call(25, 26, Get, HistoryResult.Found("f", 4), id: "y"),
        Call(27, 28, Destroy, True, id: "y"),
        Call(29, 30, Destroy, False, id: "y"),
        Call(31, 32, Replace, Gone, id: "y", from: "f", to: "g"));

    [Fact]
    public void Calls_at_the_same_time_may_have_any_order() => Explained(
        Call(1, 10, Create, Created, to: "a"),
        Call(2, 9, Get, HistoryResult.Found("a", 0)),
        Call(3, 8, Get, HistoryResult.Null),
        Call(4, 7, Destroy, True));

    [Fact]
    public void A_call_without_a_result_may_have_taken_effect_at_any_later_time() => Explained(
        Call(1, 2, Create, Created, to: "a"),
        Call(3, long.MaxValue, Destroy, null),
        Call(4, 5, Get, HistoryResult.Found("a", 0)),
        Call(6, 7, Get, HistoryResult.Null));

    [Fact]
    public void A_call_without_a_result_may_never_have_taken_effect() => Explained(
        Call(1, 2, Create, Created, to: "a"),
        Call(3, long.MaxValue, Destroy, null),
        Call(6, 7, Destroy, True));

    [Fact]
    public void A_call_without_a_result_takes_effect_once_at_most() => Unexplained(
        pieceOf: 4,
        Call(1, 2, Create, Created, to: "a"),
        Call(3, long.MaxValue, Destroy, null),
        Call(4, 5, Get, HistoryResult.Null),
        Call(6, 7, Set, HistoryResult.Done, to: "b"),
        Call(8, 9, Get, HistoryResult.Null));

    [Fact]
    public void A_stale_read_is_not_explained() => Unexplained(
        pieceOf: 2,
        Call(1, 2, Create, Created, to: "a"),
        Call(3, 4, Get, HistoryResult.Found("a", 0)),
        Call(5, 6, Set, HistoryResult.Done, to: "b"),
        Call(7, 8, Get, HistoryResult.Found("a", 0)));

    [Fact]
    public void A_lost_update_is_not_explained() => Unexplained(
        pieceOf: 2,
        Call(1, 2, Create, Created, to: "a"),
        Call(3, 8, Replace, Replaced, from: "a", to: "b"),
        Call(4, 7, Replace, Replaced, from: "a", to: "c"),
        Call(9, 10, Get, HistoryResult.Found("c", 0)));

    [Fact]
    public void A_session_that_comes_back_is_not_explained() => Unexplained(
        pieceOf: 2,
        Call(1, 2, Create, Created, to: "a"),
        Call(3, 8, Destroy, True),
        Call(4, 7, Replace, Replaced, from: "a", to: "b"),
        Call(9, 10, Get, HistoryResult.Found("b", 0)));

    [Fact]
    public void Two_winners_of_a_create_are_not_explained() => Unexplained(
        pieceOf: 2,
        Call(1, 4, Create, Created, to: "a"),
        Call(2, 3, Create, Created, to: "b"));

    [Fact]
    public void A_touch_that_shortens_is_not_explained() => Unexplained(
        pieceOf: 1,
        Call(1, 2, Create, Created, to: "a", minutes: 30),
        Call(3, 4, Touch, True, minutes: 10),
        Call(5, 6, Get, HistoryResult.Found("a", 10)));

    [Fact]
    public void Both_ids_of_a_rotation_are_not_explained() => Unexplained(
        pieceOf: 2,
        Call(1, 2, Create, Created, to: "a"),
        Call(3, 8, Rotate, Rotated, to: "b", newId: "y"),
        Call(4, 5, Get, HistoryResult.Found("b", 0), id: "y"),
        Call(6, 7, Get, HistoryResult.Found("a", 0)));

    [Fact]
    public void Neither_id_of_a_rotation_is_not_explained() => Unexplained(
        pieceOf: 3,
        Call(1, 2, Create, Created, to: "a"),
        Call(3, 8, Rotate, Rotated, to: "b", newId: "y"),
        Call(4, 5, Get, HistoryResult.Null),
        Call(6, 7, Get, HistoryResult.Null, id: "y"));

    [Fact]
    public void Sessions_that_no_rotation_connects_are_checked_apart()
    {
        var many = Enumerable.Range(0, 40).SelectMany(i => new[]
        {
            Call(1 + (10 * i), 5 + (10 * i), Create, Created, id: $"s{i}", to: $"a{i}"),
            Call(2 + (10 * i), 6 + (10 * i), Get, HistoryResult.Null, id: $"s{i}"),
        });

        Explained([.. many]);
    }

    [Fact]
    public void The_piece_names_the_calls_and_their_results()
    {
        var piece = HistoryChecker.Check(
        [
            Call(1, 2, Create, Created, to: "a"),
            Call(3, 4, Get, HistoryResult.Null, id: "elsewhere"),
            Call(5, 6, Get, HistoryResult.Null),
        ]);

        Assert.Contains("client 0 [1..2] Create x a until 0 min -> Written", piece, StringComparison.Ordinal);
        Assert.Contains("client 0 [5..6] Get x -> Null", piece, StringComparison.Ordinal);
        Assert.DoesNotContain("elsewhere", piece, StringComparison.Ordinal);
    }

    [Fact]
    public void The_piece_ends_with_the_result_that_was_expected()
    {
        var read = HistoryChecker.Check([Call(1, 2, Create, Created, to: "a", minutes: 5), Call(3, 4, Get, HistoryResult.Null)]);
        var destroyed = HistoryChecker.Check(
        [
            Call(1, 2, Create, Created, to: "a"),
            Call(3, 4, Rotate, Rotated, from: "a", to: "b", newId: "y"),
            Call(5, 6, Destroy, True, id: "y"),
            Call(7, 8, Set, HistoryResult.Done, id: "y", to: "c"),
            Call(9, 10, Destroy, False),
        ]);

        Assert.EndsWith("With the others as they are, the last one can return Found a until 5 min.", read, StringComparison.Ordinal);
        Assert.EndsWith("With the others as they are, the last one can return True.", destroyed, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_long_a_history_is_refused() => Assert.Throws<ArgumentException>(
        () => HistoryChecker.Check([.. Enumerable.Range(0, 65).Select(i => Call((2 * i) + 1, (2 * i) + 2, Get, HistoryResult.Null))]));

    private static void Explained(params HistoryOperation[] history) => Assert.Null(HistoryChecker.Check(history));

    private static void Unexplained(int pieceOf, params HistoryOperation[] history)
    {
        Assert.NotNull(HistoryChecker.Check(history));
        Assert.Equal(pieceOf, HistoryChecker.Shrink(history).Count);
    }

    private static HistoryOperation Call(
        long invoked, long returned, OperationKind kind, HistoryResult? result, string id = "x", string? from = null, string? to = null, string? newId = null, int minutes = 0) =>
        new() { Client = 0, Kind = kind, Id = id, NewId = newId, From = from, To = to, Minutes = minutes, Invoked = invoked, Returned = returned, Result = result };
}
