using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionStores.Http.Run;

/// <summary>Prints what was measured, and writes it as JSON, tables and chart.</summary>
internal sealed class Report(RunArguments arguments, Backings backings, string load, string counting, int rounds, Plan plan)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public async Task WriteAsync()
    {
        var targets = Targets.Of(plan.Pairs).ToList();
        var stores = Path.Combine(arguments.Out, "stores.json");
        if (File.Exists(stores))
            targets.AddRange(JsonSerializer.Deserialize<Target[]>(await File.ReadAllTextAsync(stores), Json)!);

        var report = new
        {
            Machine = string.Create(CultureInfo.InvariantCulture, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}"),
            Backends = backings.Descriptions,
            Load = load,
            Instructions = counting,
            Rounds = rounds,
            Cells = plan.Cells.Select(cell => new
            {
                cell.Contestant.Store,
                cell.Contestant.Site,
                cell.Action,
                cell.Connections,
                cell.Failure,
                RequestsPerSecond = cell.Median(round => round.RequestsPerSecond),
                Microseconds = cell.Median(round => round.Microseconds),
                cell.Errors,
                cell.Rounds,
            }),
            Targets = targets,
        };
        await File.WriteAllTextAsync(Path.Combine(arguments.Out, "http.json"), JsonSerializer.Serialize(report, Json));
        var tables = Tables.Of(plan, targets.Skip(plan.Pairs.Count(pair => pair.Goal is not null)), backings, rounds);
        await File.WriteAllTextAsync(Path.Combine(arguments.Out, "tables.md"), tables);
        await Chart.DrawAsync(plan, arguments.Out);
        if (arguments.IsWritten)
            await Tables.WriteToPageAsync(tables, arguments.Out);

        Print(targets);
    }

    private void Print(List<Target> targets)
    {
        Console.WriteLine();
        Console.WriteLine($"{"store",-18}{"contestant",-17}{"action",-11}{"conns",6}{"requests/s",12}{"p50 ms",9}{"p99 ms",9}{"site µs",9}{"server µs",10}{"commands",10}{"errors",8}");
        foreach (var cell in plan.Cells)
            Console.WriteLine($"{cell.Contestant.Store,-18}{cell.Contestant.Site,-17}{cell.Action,-11}{cell.Connections,6}{Figures(cell)}");

        Console.WriteLine();
        foreach (var target in targets)
            Console.WriteLine(target);

        foreach (var (store, description) in backings.Descriptions)
            Console.WriteLine($"{store}: {description}");

        Console.WriteLine($"{targets.Count(target => target.Verdict == Verdict.Met)} of {targets.Count} targets are met, {targets.Count(target => target.Verdict == Verdict.Open)} are open: the goal is inside of the interval");
    }

    private static string Figures(Cell cell) => cell.Failure is { } failure
        ? $"  FAILED: {failure}"
        : cell.Rounds.All(round => round.Requests == 0)
            ? $"  no request completed, {cell.Errors} errors"
            : Text($"{cell.Median(round => round.RequestsPerSecond),12:F0}{cell.Median(round => round.P50) / 1000,9:F2}{cell.Median(round => round.P99) / 1000,9:F2}{cell.Median(round => round.SiteMicroseconds),9:F1}{cell.Median(round => round.ServerMicroseconds),10:F1}{cell.Median(round => round.Commands),10:F2}{cell.Errors,8}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
