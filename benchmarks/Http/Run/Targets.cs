using System.Globalization;

namespace SessionStores.Http.Run;

/// <summary>The targets of the HTTP comparison, each against its baseline in the same run.</summary>
internal static class Targets
{
    public static IEnumerable<Target> Of(IReadOnlyList<Cell> cells, int[] connections, int many)
    {
        foreach (var store in cells.Select(cell => cell.Store).Distinct())
        {
            var isMemory = store == "memory";
            var baseline = isMemory ? "plain" : "raw";
            var against = store switch
            {
                "memory" => "the endpoint without a session",
                "redis" => "a bare GET",
                "postgres" => "a bare prepared SELECT",
                _ => "a bare find",
            };
            var againstBoth = store switch
            {
                "memory" => "the endpoint without a session",
                "redis" => "a bare GET, then SET",
                "postgres" => "a bare SELECT, then UPDATE",
                _ => "a bare find, then update",
            };
            if (Compare($"{store}, read, against {against}", (store, "own", "read"), (store, baseline, "read"), isMemory ? 0.92 : 0.90) is { } read)
                yield return read;

            if (Compare($"{store}, change, against {againstBoth}", (store, "own", "change"), (store, baseline, isMemory ? "read" : "change"), 0.85) is { } change)
                yield return change;

            if (Compare($"{store}, no cookie, against the endpoint without a session", (store, "own", "anonymous"), ("memory", "plain", "anonymous"), 0.97) is { } anonymous)
                yield return anonymous;

            foreach (var action in (string[])["read", "change"])
            {
                if (Many(store, action) is { } target)
                    yield return target;
            }
        }

        Target? Compare(string what, (string Store, string Site, string Action) ours, (string Store, string Site, string Action) theirs, double goal)
        {
            List<string> measured = [];
            var isMet = true;
            foreach (var count in connections)
            {
                if (Find(ours, count) is not { } own || Find(theirs, count) is not { } other)
                    continue;

                if ((own.Failure ?? other.Failure) is { } failure)
                    return new Target(what, Text($"≥ {goal:F2}"), $"nothing: {failure}", false);

                var ratio = Statistics.Ratio(own, other);
                var processor = own.Median(round => round.ProcessorMicroseconds) / other.Median(round => round.ProcessorMicroseconds);
                isMet &= ratio >= goal;
                measured.Add(double.IsNaN(ratio)
                    ? Text($"nothing to compare with at {count}: the other one did not answer")
                    : Text($"{ratio:F2} at {count} (processor time ×{processor:F2})"));
            }

            return measured.Count == 0 ? null : new Target(what, Text($"≥ {goal:F2}"), string.Join(", ", measured), isMet);
        }

        Target? Many(string store, string action)
        {
            if (Find((store, "own", action), many) is not { } crowd || Find((store, "own", action), connections[^1]) is not { } few)
                return null;

            var what = Text($"{store}, {action}: {many} connections against {connections[^1]}");
            const string goal = "≥ 0.90, 0 errors";
            if ((crowd.Failure ?? few.Failure) is { } failure)
                return new Target(what, goal, $"nothing: {failure}", false);

            var ratio = Statistics.Ratio(crowd, few);
            var errors = crowd.Rounds.Sum(round => round.Errors);
            var bare = store == "memory" ? (store, "plain", "read") : (store, "raw", action);
            var same = Find(bare, many) is { Failure: null } bareCrowd && Find(bare, connections[^1]) is { Failure: null } bareFew
                ? Text($" (the bare endpoint {Statistics.Ratio(bareCrowd, bareFew):F2})")
                : "";
            return new Target(what, goal, Text($"{ratio:F2}{same}, {errors} errors"), ratio >= 0.9 && errors == 0);
        }

        Cell? Find((string Store, string Site, string Action) key, int count) =>
            cells.FirstOrDefault(cell => cell.Is(key.Store, key.Site, key.Action, count));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
