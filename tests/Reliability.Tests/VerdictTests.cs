using SessionStores.Conformance.Histories;
using static SessionStores.Conformance.Histories.OperationKind;

namespace SessionStores.Reliability.Tests;

/// <summary>What a history is called that no order of its calls explains.</summary>
public sealed class VerdictTests
{
    private static readonly HistoryResult Written = HistoryResult.Of(SessionWriteStatus.Written);
    private int _now;

    [Fact]
    public void A_history_that_an_order_explains_has_nothing_wrong() => Assert.Equal(
        Verdict.Explained, Verdict.Of([Call(Create, Written, "a"), Call(Destroy, HistoryResult.Of(true)), Last(HistoryResult.Null)]));

    [Fact]
    public void A_session_that_is_missing_in_the_end_is_lost() => Assert.Equal(
        new Verdict(true, false, 0), Verdict.Of([Call(Create, Written, "a"), Call(Get, HistoryResult.Found("a", 0)), Last(HistoryResult.Null)]));

    [Fact]
    public void A_change_that_is_missing_in_the_end_is_lost() => Assert.Equal(
        new Verdict(true, false, 0),
        Verdict.Of([Call(Create, Written, "a"), Call(Replace, Written, "b", from: "a"), Last(HistoryResult.Found("a", 0))]));

    [Fact]
    public void A_session_that_is_there_after_its_log_out_is_resurrected() => Assert.Equal(
        new Verdict(false, true, 0), Verdict.Of([Call(Create, Written, "a"), Call(Destroy, HistoryResult.Of(true)), Last(HistoryResult.Found("a", 0))]));

    [Fact]
    public void A_session_is_resurrected_too_when_the_log_out_found_nothing_left_to_end() => Assert.Equal(
        new Verdict(false, true, 0),
        Verdict.Of([Call(Create, Written, "a"), Unknown(Destroy), Call(Destroy, HistoryResult.Of(false)), Last(HistoryResult.Found("a", 0))]));

    [Fact]
    public void A_log_out_whose_result_is_unknown_may_not_have_happened() => Assert.Equal(
        Verdict.Explained, Verdict.Of([Call(Create, Written, "a"), Unknown(Destroy), Last(HistoryResult.Found("a", 0))]));

    [Fact]
    public void Reads_of_an_older_state_are_stale_each() => Assert.Equal(
        new Verdict(false, false, 2),
        Verdict.Of(
        [
            Call(Create, Written, "a"), Call(Replace, Written, "b", from: "a"), Call(Get, HistoryResult.Found("a", 0)), Call(Get, HistoryResult.Null),
            Call(Get, HistoryResult.Found("b", 0)), Last(HistoryResult.Found("b", 0)),
        ]));

    [Fact]
    public void A_read_of_a_change_that_was_never_acknowledged_and_is_gone_is_stale() => Assert.Equal(
        new Verdict(false, false, 1),
        Verdict.Of([Call(Create, Written, "a"), Unknown(Replace, "b", from: "a"), Call(Get, HistoryResult.Found("b", 0)), Last(HistoryResult.Found("a", 0))]));

    private HistoryOperation Call(OperationKind kind, HistoryResult result, string? to = null, string? from = null) => new()
    {
        Client = 0, Kind = kind, Id = "x", To = to, From = from, Invoked = ++_now, Returned = ++_now, Result = result,
    };

    private HistoryOperation Unknown(OperationKind kind, string? to = null, string? from = null) =>
        Call(kind, HistoryResult.Null, to, from) with { Returned = long.MaxValue, Result = null };

    private HistoryOperation Last(HistoryResult result) => Call(Get, result) with { Client = Verdict.Last };
}
