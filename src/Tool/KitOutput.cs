using System.Globalization;
using SessionStores.Conformance;
using Spectre.Console;

namespace SessionStores.Tool;

/// <summary>What <c>sessionstores kit</c> prints: progress, a table of the groups, failures; or JSON and nothing else.</summary>
internal sealed class KitOutput
{
    private readonly Lock _lock = new();
    private readonly TextWriter _writer;
    private readonly bool _json;
    private readonly IAnsiConsole _console;
    private int _shown;

    public KitOutput(TextWriter writer, bool json)
    {
        (_writer, _json) = (writer, json);
        _console = Terminal.CreateConsole(writer);
    }

    public void Begin(string fixture)
    {
        _shown = 0;
        if (!_json)
            _console.MarkupLineInterpolated($"[bold]{fixture}[/]");
    }

    /// <summary>Prints a failure when it happens, and a sign of life after every 50 cases.</summary>
    public void Show(CaseResult result)
    {
        lock (_lock)
        {
            if (!_json && ++_shown % 50 == 0)
                _console.MarkupLineInterpolated($"[grey]{_shown} cases ...[/]");
            if (!_json && result.Outcome == CaseOutcome.Failed)
                _console.MarkupLineInterpolated($"[red]failed[/] {result.Name}");
        }
    }

    public void End(ConformanceReport report, Func<CaseResult, string> repeat)
    {
        if (_json)
            return;

        _console.Write(Table(report));
        foreach (var result in report.Results.Where(result => result.Outcome == CaseOutcome.Failed))
        {
            // The command to repeat it holds the seed.
            var reason = string.Join('\n', result.Reason!.ReplaceLineEndings("\n").Split('\n').Where(line => !line.StartsWith("Replay with ", StringComparison.Ordinal)));
            _console.MarkupLineInterpolated($"\n[red]failed[/] [bold]{result.Name}[/]");
            _writer.WriteLine(reason);
            _writer.WriteLine($"Repeat: {repeat(result)}");
        }

        foreach (var result in report.Results.Where(result => result.Outcome == CaseOutcome.Waived).Concat(report.StaleWaivers))
            _console.MarkupLineInterpolated($"[yellow]{(result.Outcome == CaseOutcome.Waived ? "waived" : "stale waiver")}[/] {result.Name}: {result.Reason ?? ""}");

        foreach (var reason in report.Results.Where(result => result.Outcome is CaseOutcome.LeftOut or CaseOutcome.Skipped)
            .Select(result => $"{(result.Outcome == CaseOutcome.LeftOut ? $"left out {result.Case.Group}" : "not run")}: {result.Reason}").Distinct())
            _writer.WriteLine(reason);

        _writer.WriteLine(report.Summary);
    }

    public void Close(IReadOnlyList<ConformanceReport> reports)
    {
        if (_json)
            _writer.WriteLine($"[{string.Join(",\n", reports.Select(report => report.ToJson()))}]");
    }

    private static Table Table(ConformanceReport report)
    {
        var table = new Table().Border(TableBorder.Minimal);
        table.AddColumn("group");
        foreach (var column in new[] { "passed", "failed", "not offered", "other", "seconds" })
            table.AddColumn(new TableColumn(column).RightAligned());

        foreach (var group in report.Results.GroupBy(result => result.Case.Group))
        {
            int Count(Func<CaseOutcome, bool> which) => group.Count(result => which(result.Outcome));
            table.AddRow(
                group.Key,
                Number(Count(outcome => outcome == CaseOutcome.Passed)),
                Number(Count(outcome => outcome == CaseOutcome.Failed)),
                Number(Count(outcome => outcome == CaseOutcome.NotOffered)),
                Number(Count(outcome => outcome is CaseOutcome.Waived or CaseOutcome.LeftOut or CaseOutcome.Skipped)),
                group.Sum(result => result.Duration.TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture));
        }

        return table;
    }

    private static string Number(int count) => count == 0 ? "" : count.ToString(CultureInfo.InvariantCulture);
}
