#:property PublishAot=false
// Builds the solution, runs dotnet test, and prints what ran, what was skipped and why, and a closing line.
using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

const string Logs = "artifacts/test-logs";
const string Reports = "artifacts/conformance";
foreach (var folder in new[] { Logs, Reports })
{
    if (Directory.Exists(folder))
        Directory.Delete(folder, recursive: true);
    Directory.CreateDirectory(folder);
}

Environment.SetEnvironmentVariable("SESSIONSTORES_REPORTS", Path.GetFullPath(Reports));
Console.WriteLine("building ...");
if (Run($"{Logs}/build.log", line => line.Contains("error", StringComparison.Ordinal), "build", "SessionStores.sln", "-c", "Release", "-v", "q") != 0)
    return Close(0, 1, 0);

var projects = Directory.GetDirectories("tests", "*Tests").Select(folder => Path.GetFileName(folder)!)
    .Where(name => args.Length == 0 || args.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)))
    .Order(StringComparer.Ordinal).ToList();
var targets = args.Length == 0 ? [("--solution", "SessionStores.sln")] : projects.Select(name => ("--project", $"tests/{name}")).ToList();
foreach (var (option, target) in targets)
{
    // One at a time: each project runs its tests on all processors, and two at once make the time limits of both uncertain.
    Run($"{Logs}/{Path.GetFileName(target)}.log", IsResultOfModule,
        "test", option, target, "-c", "Release", "--no-build", "--no-ansi", "--progress", "off", "--max-parallel-test-modules", "1",
        "--results-directory", Path.GetFullPath(Logs), "--report-xunit-xml");
}

var results = Directory.GetFiles(Logs, "*.xml").Select(file => XDocument.Load(file).Root!.Element("assembly")!)
    .ToDictionary(assembly => new FileInfo((string)assembly.Attribute("name")!).Directory!.Parent!.Name);
PrintFailures(results.Values);
PrintLines();
PrintSkipped(results.Values);

var (passed, failed, skipped) = (0, 0, 0);
Console.WriteLine($"{"",-34} {"passed",7} {"failed",7} {"skipped",8} {"time",8}");
foreach (var name in projects)
{
    if (!results.TryGetValue(name, out var assembly))
    {
        failed++;
        Console.WriteLine($"{name,-34} {0,7} {1,7} {0,8}  no report: the run crashed, or no test ran; see {Logs}");
        continue;
    }

    var (p, f, s) = (Number(assembly, "passed"), Number(assembly, "failed") + Number(assembly, "errors"), Number(assembly, "skipped"));
    (passed, failed, skipped) = (passed + p, failed + f, skipped + s);
    Console.WriteLine($"{name,-34} {p,7} {f,7} {s,8} {(double)assembly.Attribute("time")!,7:0}s");
}

return Close(passed, failed, skipped);

static int Run(string log, Func<string, bool> isShown, params string[] arguments)
{
    using var writer = new StreamWriter(log);
    using var process = new Process { StartInfo = new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true } };
    process.OutputDataReceived += (_, line) => Take(line.Data);
    process.ErrorDataReceived += (_, line) => Take(line.Data);
    process.Start();
    process.BeginOutputReadLine();
    process.BeginErrorReadLine();
    process.WaitForExit();
    return process.ExitCode;

    void Take(string? line)
    {
        lock (writer)
        {
            if (line is null)
                return;
            writer.WriteLine(line);
            if (isShown(line))
                Console.WriteLine(line);
        }
    }
}

static bool IsResultOfModule(string line) => line.Contains("Tests.dll (", StringComparison.Ordinal) && !line.StartsWith(' ');

static void PrintFailures(IEnumerable<XElement> assemblies)
{
    foreach (var test in assemblies.Descendants("test").Where(test => (string?)test.Attribute("result") == "Fail"))
        Console.WriteLine($"\nfailed {(string?)test.Attribute("name")}\n{(string?)test.Element("failure")?.Element("message")}\n{(string?)test.Element("failure")?.Element("stack-trace")}");
    foreach (var error in assemblies.Descendants("error"))
        Console.WriteLine($"\nfailed {(string?)error.Attribute("name")}\n{(string?)error.Element("failure")?.Element("message")}");
}

static void PrintLines()
{
    Console.WriteLine();
    foreach (var line in Directory.GetFiles(Reports, "*.md").Order(StringComparer.Ordinal).SelectMany(File.ReadLines).Where(line => line.StartsWith("conformance ", StringComparison.Ordinal)))
        Console.WriteLine(line);
    var used = File.Exists($"{Reports}/backends.txt") ? File.ReadLines($"{Reports}/backends.txt") : [];
    foreach (var line in used.Distinct().Order(StringComparer.Ordinal))
        Console.WriteLine($"backend {line}");
}

static void PrintSkipped(IEnumerable<XElement> assemblies)
{
    Console.WriteLine("\nskipped, and why:");
    foreach (var reason in assemblies.Descendants("reason").GroupBy(reason => reason.Value.Trim()).OrderByDescending(reason => reason.Count()))
        Console.WriteLine($"  {reason.Count(),5}  {reason.Key}");
    Console.WriteLine();
}

static int Number(XElement assembly, string name) => int.Parse((string?)assembly.Attribute(name) ?? "0", CultureInfo.InvariantCulture);

static int Close(int passed, int failed, int skipped)
{
    Console.WriteLine($"\n{passed} passed, {failed} failed, {skipped} skipped");
    return failed == 0 && passed > 0 ? 0 : 1;
}
