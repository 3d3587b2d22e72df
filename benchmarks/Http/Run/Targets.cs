using System.Globalization;

namespace SessionStores.Http.Run;

/// <summary>The targets of the HTTP comparison, each against its baseline in the same run.</summary>
internal static class Targets
{
    private const int Crowd = 1024;
    private const double MostP99 = 1.1;

    public static IEnumerable<Target> Of(IReadOnlyList<Pair> pairs)
    {
        foreach (var pair in pairs.Where(pair => pair.Goal is not null))
            yield return Failed(pair) ?? Target.AtLeast(NameOf(pair), pair.Goal!.Value, pair.Efficiency, More(pair));

        foreach (var pair in pairs.Where(pair => pair is { Action: "read", Connections: Plan.Usual, Goal: not null }))
            yield return Failed(pair) ?? Target.AtMost($"{pair.Store}, read, {pair.Connections} connections: p99 against bare", MostP99, pair.P99);

        var crowd = pairs.Where(pair => pair.Connections == Crowd).ToArray();
        if (crowd.Length > 0)
        {
            var errors = crowd.Sum(pair => pair.Own.Errors);
            var failed = crowd.Where(pair => pair.Own.Failure is not null).Select(pair => $"; {pair.Store}: {pair.Own.Failure}");
            var requests = crowd.Sum(pair => pair.Own.Rounds.Sum(round => round.Requests));
            yield return Target.Counted($"{Crowd} connections, all stores: errors", "0", Text($"{errors} in {requests:N0} requests{string.Concat(failed)}"), errors == 0 && !failed.Any());
        }
    }

    public static string NameOf(Pair pair) => Text($"{pair.Store}, {pair.Action}, {(pair.Connections == 1 ? "1 connection" : Text($"{pair.Connections} connections"))}");

    private static Target? Failed(Pair pair) => (pair.Own.Failure ?? pair.Bare.Failure) is { } failure
        ? new Target(NameOf(pair), Text($"≥ {pair.Goal:F2}"), $"nothing: {failure}", Verdict.Short)
        : null;

    private static string More(Pair pair)
    {
        var instructions = pair.Instructions.Pairs == 0 ? "" : $", for the same instructions {pair.Instructions}";
        return Text($"{pair.Own.Median(round => round.Microseconds):F1} µs against {pair.Bare.Median(round => round.Microseconds):F1}, requests/s {pair.Throughput}{instructions}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
