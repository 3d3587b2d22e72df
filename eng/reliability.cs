#:property PublishAot=false
// Runs the histories under faults (tests/Reliability.Tests) at full length, and writes what they counted into docs/reliability.md and, in short,
// into README.md.
//
//   dotnet run --file eng/reliability.cs                         100,000 calls of stores under each fault
//   dotnet run --file eng/reliability.cs -- --minutes 120        as many as fit into the time, and no fewer than that
//   dotnet run --file eng/reliability.cs -- --operations 5000    a shorter run
//   dotnet run --file eng/reliability.cs -- --write              no run: only writes what the last one counted
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

const string Reports = "artifacts/reliability";
var file = Path.Combine(Reports, "reliability.jsonl");
var failed = args.Contains("--write") ? 0 : Run(Value("--operations") ?? "100000", Value("--minutes"));

var lines = File.ReadLines(file).Select(line => JsonSerializer.Deserialize(line, Json.Default.Line)!)
    .OrderBy(line => line.Server, StringComparer.Ordinal).ThenBy(line => line.Fault, StringComparer.Ordinal).ThenByDescending(line => line.Way, StringComparer.Ordinal).ToList();
var servers = string.Join(", ", lines.Select(line => line.Description).Distinct());
Write("docs/reliability.md",
    ["server", "fault", "through", "strikes", "operations", "acknowledged", "lost", "resurrected", "stale", "longest unavailability", "holds"],
    lines.Select(line => new[]
    {
        line.Server, line.Fault, line.Way, $"{line.Strikes}", Number(line.Operations), Number(line.Acknowledged), Number(line.Lost), Number(line.Resurrected), Number(line.Stale),
        Seconds(line.Unavailable), Holds(line.Promise),
    }));
Write("README.md",
    ["server", "faults", "operations", "lost", "resurrected", "promised"],
    lines.GroupBy(line => line.Server).Select(group => new[]
    {
        group.Key, string.Join("; ", group.Select(line => line.Fault).Distinct()), Number(group.Sum(line => line.Operations)), Number(group.Sum(line => line.Lost)),
        Number(group.Sum(line => line.Resurrected)), group.First().Promise == "Kept" ? "yes" : "no",
    }));
Console.WriteLine($"Servers: {servers}.");
return failed;

string? Value(string option) => args.SkipWhile(arg => arg != option).ElementAtOrDefault(1);

static int Run(string operations, string? minutes)
{
    if (Directory.Exists(Reports))
        Directory.Delete(Reports, recursive: true);
    Directory.CreateDirectory(Reports);
    var start = new ProcessStartInfo("dotnet", ["run", "--project", "tests/Reliability.Tests", "-c", "Release", "--", "--filter-class", "*ReliabilityTests", "--output", "Detailed", "--no-ansi"]);
    start.Environment["SESSIONSTORES_REPORTS"] = Path.GetFullPath(Reports);
    start.Environment["SESSIONSTORES_OPERATIONS"] = operations;
    if (minutes is not null)
        start.Environment["SESSIONSTORES_MINUTES"] = minutes;

    using var process = Process.Start(start)!;
    process.WaitForExit();
    return process.ExitCode;
}

static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

static string Seconds(double seconds) => seconds == 0 ? "–" : $"{seconds.ToString("0.0", CultureInfo.InvariantCulture)} s";

static string Holds(string promise) => promise switch
{
    "Kept" => "all that was acknowledged",
    "None" => "not promised: what was not replicated may be gone",
    _ => "not promised: weak on purpose",
};

static void Write(string page, string[] head, IEnumerable<string[]> rows)
{
    var table = string.Join('\n', new[] { head, [.. head.Select(_ => "---")] }.Concat(rows).Select(cells => $"| {string.Join(" | ", cells)} |"));
    var text = File.ReadAllText(page);
    if (!Marks.Counts().IsMatch(text))
        throw new InvalidOperationException($"{page} has no place for the table: <!-- counts --> and <!-- /counts -->.");

    File.WriteAllText(page, Marks.Counts().Replace(text, _ => $"<!-- counts -->\n{table}\n<!-- /counts -->"));
}

internal static partial class Marks
{
    [GeneratedRegex("<!-- counts -->.*<!-- /counts -->", RegexOptions.Singleline)]
    public static partial Regex Counts();
}

internal sealed record Line(
    string Server, string Fault, string Promise, string Way, string Description, int Strikes, long Operations, long Acknowledged, long Lost, long Resurrected, long Stale,
    double Unavailable);

[System.Text.Json.Serialization.JsonSerializable(typeof(Line))]
internal sealed partial class Json : System.Text.Json.Serialization.JsonSerializerContext;
