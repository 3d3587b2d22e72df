using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionStores.Http.Run;

/// <summary>Prints the tables and writes them as JSON.</summary>
internal sealed class Report(RunArguments arguments, Backings backings, string load, IReadOnlyList<Cell> cells)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public async Task WriteAsync()
    {
        PrintTable();
        var targets = Targets.Of(cells, arguments.Connections, arguments.Many).ToList();
        var report = new
        {
            Machine = Machine(),
            Backends = backings.Descriptions,
            Load = load,
            arguments.Seconds,
            arguments.Rounds,
            Cells = cells.Select(cell => new
            {
                cell.Store,
                cell.Site,
                cell.Action,
                cell.Connections,
                cell.Failure,
                RequestsPerSecond = cell.Failure is null ? cell.Median(round => round.RequestsPerSecond) : 0,
                Ratio = Baseline(cell) is { } baseline ? Statistics.Ratio(cell, baseline) : double.NaN,
                P50 = cell.Median(round => round.P50),
                P99 = cell.Median(round => round.P99),
                ProcessorMicroseconds = cell.Median(round => round.ProcessorMicroseconds),
                Busy = cell.Median(round => round.Busy),
                Errors = cell.Rounds.Sum(round => round.Errors),
                cell.Rounds,
            }),
            Targets = targets,
        };
        await File.WriteAllTextAsync(Path.Combine(arguments.Out, "http.json"), JsonSerializer.Serialize(report, Json));

        var others = Path.Combine(arguments.Out, "stores.json");
        if (File.Exists(others))
            targets.AddRange(JsonSerializer.Deserialize<Target[]>(await File.ReadAllTextAsync(others))!);

        PrintTargets(targets);
    }

    private static string Machine() => string.Create(
        CultureInfo.InvariantCulture, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.FrameworkDescription}");

    /// <summary>What a line of the table is compared with: the bare calls, or the same framework without sessions.</summary>
    private Cell? Baseline(Cell cell)
    {
        var (store, site) = (cell.Store, cell.Site) switch
        {
            (_, "express" or "express-plain") => ("memory", "express-plain"),
            ("memory", _) => ("memory", "plain"),
            _ when cell.Action == "anonymous" => ("memory", "plain"),
            _ => (cell.Store, "raw"),
        };
        var action = site == "raw" || (site == "plain" && cell.Action == "anonymous") ? cell.Action : "read";
        return cells.FirstOrDefault(other => other.Is(store, site, action, cell.Connections));
    }

    private void PrintTable()
    {
        Console.WriteLine();
        Console.WriteLine($"{"store",-9}{"contestant",-17}{"action",-11}{"conns",6}{"requests/s",12}{"ratio",7}{"p50 ms",9}{"p99 ms",9}{"cpu µs",8}{"busy",6}{"errors",8}");
        foreach (var cell in cells)
            Console.WriteLine($"{cell.Store,-9}{cell.Site,-17}{cell.Action,-11}{cell.Connections,6}{Figures(cell)}");
    }

    private string Figures(Cell cell)
    {
        if (cell.Failure is { } failure)
            return $"  FAILED: {failure}";

        var errors = cell.Rounds.Sum(round => round.Errors);
        var requests = cell.Median(round => round.RequestsPerSecond);
        if (requests == 0)
            return $"  answered nothing, {errors} errors";

        var ratio = Baseline(cell) is { } baseline ? Statistics.Ratio(cell, baseline) : double.NaN;
        return string.Create(CultureInfo.InvariantCulture,
            $"{requests,12:F0}{(double.IsNaN(ratio) ? "" : ratio.ToString("F2", CultureInfo.InvariantCulture)),7}{cell.Median(round => round.P50) / 1000,9:F2}{cell.Median(round => round.P99) / 1000,9:F2}{cell.Median(round => round.ProcessorMicroseconds),8:F1}{cell.Median(round => round.Busy),6:P0}{errors,8}");
    }

    private void PrintTargets(List<Target> targets)
    {
        Console.WriteLine();
        foreach (var target in targets)
            Console.WriteLine($"{(target.IsMet ? "met    " : "NOT MET")}  {target.What}: {target.Goal}; measured {target.Measured}");

        foreach (var (store, description) in backings.Descriptions)
            Console.WriteLine($"{store}: {description}");

        Console.WriteLine($"{targets.Count(target => target.IsMet)} of {targets.Count} targets met");
    }
}
