using System.Globalization;
using System.Text;

namespace SessionStores.Http.Run;

/// <summary>The tables of docs/performance.md.</summary>
internal static class Tables
{
    private const string Page = "docs/performance.md";
    private const string Begin = "<!-- run -->\n";
    private const string End = "<!-- end of run -->";

    private static readonly int[] Columns = [1, Plan.Usual, 256, 1024];

    /// <param name="plan">What was measured over HTTP.</param>
    /// <param name="others">The other targets.</param>
    /// <param name="backings">What it ran on.</param>
    /// <param name="rounds">How many pairs a target has.</param>
    public static string Of(Plan plan, IEnumerable<Target> others, Backings backings, int rounds)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{rounds} pairs for each target; {string.Join("; ", backings.Descriptions.Where(store => store.Key is not "memory").Select(store => $"{store.Key}: {store.Value}"))}.\n\n");
        Ratios(text, plan, backings);
        text.Append("\n| | goal | measured |\n|---|---|---|\n");
        foreach (var target in others)
            text.Append(CultureInfo.InvariantCulture, $"| {target.What} | {target.Goal} | {Mark(target.Measured, target.Verdict)} |\n");

        text.Append("\nProcessor time of site and server for one request in µs, at 32 connections:\n\n");
        Times(text, plan);
        text.Append("\nCommands that the server executes for one request:\n\n");
        Commands(text, plan, backings);
        return text.ToString();
    }

    /// <summary>Puts the tables and the chart of a run in the place of the last ones.</summary>
    public static async Task WriteToPageAsync(string tables, string folder)
    {
        var page = await File.ReadAllTextAsync(Page);
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.IndexOf(End, StringComparison.Ordinal));
        await File.WriteAllTextAsync(Page, $"{page[..begin]}\n{tables}\n{page[end..]}");
        if (File.Exists(Path.Combine(folder, "bench.png")))
            File.Copy(Path.Combine(folder, "bench.png"), "docs/images/bench.png", overwrite: true);

        Console.WriteLine($"{Page} has the tables of this run");
    }

    private static void Ratios(StringBuilder text, Plan plan, Backings backings)
    {
        text.Append(CultureInfo.InvariantCulture, $"| connections | {string.Join(" | ", Columns.Select(column => column.ToString("N0", CultureInfo.InvariantCulture)))} |\n|---|---|---|---|---|\n");
        foreach (var row in plan.Pairs.Where(pair => backings.Stores.Contains(pair.Store)).GroupBy(pair => (pair.Store, pair.Action)))
        {
            var cells = Columns.Select(column => row.FirstOrDefault(pair => pair.Connections == column)).Select(pair => pair is null ? "" : RatioOf(pair));
            text.Append(CultureInfo.InvariantCulture, $"| {row.Key.Store}, {row.Key.Action} | {string.Join(" | ", cells)} |\n");
        }
    }

    private static string RatioOf(Pair pair)
    {
        if ((pair.Own.Failure ?? pair.Bare.Failure) is not null)
            return "failed";

        if (pair.Goal is not { } goal)
            return Text($"{pair.Efficiency.Mean:F2}");

        return Text($"{Mark($"{pair.Efficiency}", Target.AtLeast("", goal, pair.Efficiency).Verdict)}, ≥ {goal:F2}");
    }

    private static string Mark(string measured, Verdict verdict) => verdict switch
    {
        Verdict.Short => $"**{measured}**",
        Verdict.Open => $"*{measured}*",
        _ => measured,
    };

    private static void Times(StringBuilder text, Plan plan)
    {
        text.Append(CultureInfo.InvariantCulture, $"| | {string.Join(" | ", Chart.Sites.Select(site => site.Label))} |\n|---|{string.Concat(Enumerable.Repeat("---|", Chart.Sites.Count))}\n");
        foreach (var (store, action) in Chart.Panels)
            text.Append(CultureInfo.InvariantCulture, $"| {store}, {action} | {string.Join(" | ", Chart.Sites.Select(site => TimeOf(Chart.Find(plan, store, action, site))))} |\n");
    }

    private static string TimeOf(Cell? cell) => cell is null || cell.Rounds.Count == 0 ? "–" : cell.Rounds.All(round => round.Requests == 0) ? "no response" : Text($"{cell.Median(round => round.Microseconds):F0}");

    private static void Commands(StringBuilder text, Plan plan, Backings backings)
    {
        text.Append("| connections | 1 | 32 | 256 |\n|---|---|---|---|\n");
        foreach (var row in plan.Pairs.Where(pair => backings[pair.Store].Commands is not null).GroupBy(pair => (pair.Store, pair.Action)))
        {
            var cells = Columns[..3].Select(column => row.FirstOrDefault(pair => pair.Connections == column)?.Own.Median(round => round.Commands) is { } commands ? Text($"{commands:F2}") : "");
            text.Append(CultureInfo.InvariantCulture, $"| {row.Key.Store}, {row.Key.Action} | {string.Join(" | ", cells)} |\n");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
