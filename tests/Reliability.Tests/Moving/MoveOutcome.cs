using System.Globalization;
using SessionStores.Moving;

namespace SessionStores.Reliability.Tests.Moving;

/// <summary>The counts of a run.</summary>
/// <param name="Runs">What the runs of the mover have done.</param>
/// <param name="Time">How long the move took.</param>
/// <param name="Before">The speed of requests while the old side led.</param>
/// <param name="During">The speed of requests during the move, with the change of the nodes.</param>
/// <param name="After">The speed of requests after it.</param>
/// <param name="Failed">Requests without a result: those of nodes that were replaced or killed.</param>
/// <param name="Verified">What <c>sessionstores move --verify</c> says in the end.</param>
/// <param name="Live">Sessions that were read in the end.</param>
/// <param name="Stored">Sessions that are stored in the end, on both sides together.</param>
/// <param name="Violations">What was lost, resurrected or doubled.</param>
internal sealed record MoveOutcome(
    IReadOnlyList<SessionMoveCounts> Runs, TimeSpan Time, Speed Before, Speed During, Speed After, long Failed, string Verified, int Live, long Stored, Violations Violations)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        moved by the mover: {Runs.Sum(run => run.Moved):N0}; by requests before it came to them: {Runs.Sum(run => run.AlreadyThere):N0}, and those that it did not see; ended before: {Runs.Sum(run => run.Ended):N0}; left: {Runs[^1].Left:N0}
        time: {Time.TotalSeconds:0.0} s, with a run of the mover that was cancelled and a node that was killed and replaced
        before: {Before}
        during: {During}
        after:  {After}
        without a result: {Failed:N0}
        in the end: {Live:N0} sessions are live, {Stored:N0} stored
        sessionstores move --verify: {Verified}
        {Violations}
        """);
}
