#:property PublishAot=false
// Builds the solution, runs the test projects, those of the stores also on the other servers that their packages name, and prints what ran,
// what was skipped and why, and a closing line.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

const string Logs = "artifacts/test-logs";
const string Reports = "artifacts/conformance";

// Two test projects at a time: most of them wait for servers, builds and deadlines more than they use the processor.
const int Lanes = 2;

// The longest begin first, so that none of them is left over at the end.
string[] longest = ["Interop.Tests", "Reliability.Tests", "Stores.Postgres.Tests", "Packages.Tests", "Stores.Mongo.Tests", "Stores.Redis.Tests", "Conformance.Tests"];

// A plain run takes the first server of each kind that tests/Backends finds; the other images of the list are chosen by SESSIONSTORES_IMAGES.
Dictionary<string, string> storesOf = new() { ["redis"] = "Stores.Redis.Tests", ["postgres"] = "Stores.Postgres.Tests" };

// Of the kit's calls on the second PostgreSQL each shares a round trip, of those on the third none (SESSIONSTORES_SHARING).
string[] sharing = ["always", "off"];

// An option of a store has a fixture of its own. What it adds to the scripts and statements does not depend on the version of the server: the first one shows it.
string[] onFirstServer = ["*.Conformance.Epochs*", "*.Conformance.Keeping*"];
var others = File.ReadLines("eng/containers/images").Where(line => line[0] != '#').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
    .GroupBy(words => words[0], words => words[1]).Where(images => storesOf.ContainsKey(images.Key))
    .SelectMany(images => images.Skip(1).Select((image, index) => new Suite(storesOf[images.Key], image, $"{images.Key}={image}", sharing.ElementAtOrDefault(index) ?? ""))).ToList();

// What carries the id of this run ends with it (tests/Backends/Servers/KilledRuns.cs); the servers of a build outlive it.
const string RunVariable = "SESSIONSTORES_RUN";
var run = Environment.GetEnvironmentVariable(RunVariable) ?? "";
Environment.SetEnvironmentVariable(RunVariable, null);

foreach (var folder in new[] { Logs, Reports })
{
    if (Directory.Exists(folder))
        Directory.Delete(folder, recursive: true);
    Directory.CreateDirectory(folder);
}

var clock = Stopwatch.StartNew();
Console.WriteLine("building ...");
if (Run($"{Logs}/build.log", [], line => line.Contains("error", StringComparison.Ordinal), "build", "SessionStores.sln", "-c", "Release", "-v", "q") != 0)
    return Close(0, 1, 0);

var projects = Directory.GetDirectories("tests", "*Tests").Select(folder => Path.GetFileName(folder)!)
    .Where(name => args.Length == 0 || args.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)))
    .Order(StringComparer.Ordinal).ToList();
others.RemoveAll(other => !projects.Contains(other.Project));
var hasContainers = HasContainers();
var waiting = new ConcurrentQueue<Suite>(projects.Select(project => new Suite(project, "", "", "")).Concat(hasContainers ? others : [])
    .OrderBy(suite => Array.IndexOf(longest, suite.Project) is var place and >= 0 ? place : longest.Length));
var lanes = Enumerable.Range(0, Lanes).Select(_ => new Thread(() =>
{
    while (waiting.TryDequeue(out var suite))
        Test(suite);
})).ToList();
lanes.ForEach(lane => lane.Start());
lanes.ForEach(lane => lane.Join());

var results = Directory.GetFiles(Logs, "*.xml", SearchOption.AllDirectories)
    .ToDictionary(file => Path.GetFileName(Path.GetDirectoryName(file))!, file => XDocument.Load(file).Root!.Element("assembly")!);
PrintLines();
PrintSkipped(results.Values);

// A case that needs what a store does not offer is no skipped test: it cannot be run there. It has a column of its own.
var (passed, failed, notOffered, skipped) = (0, 0, 0, 0);
Console.WriteLine($"{"",-40} {"passed",7} {"failed",7} {"not offered",12} {"skipped",8} {"time",8}");
foreach (var name in projects.Concat(others.Select(other => other.Name)).Order(StringComparer.Ordinal))
{
    if (results.TryGetValue(name, out var assembly))
    {
        var (p, f, n) = (Number(assembly, "passed"), Number(assembly, "failed") + Number(assembly, "errors"), assembly.Descendants("reason").Count(IsNotOffered));
        var s = Number(assembly, "skipped") - n;
        (passed, failed, notOffered, skipped) = (passed + p, failed + f, notOffered + n, skipped + s);
        Console.WriteLine($"{name,-40} {p,7} {f,7} {n,12} {s,8} {(double)assembly.Attribute("time")!,7:0}s");
    }
    else if (name.Contains(" on ", StringComparison.Ordinal) && !hasContainers && !IsRequired("containers"))
    {
        skipped++;
        Console.WriteLine($"{name,-40} {0,7} {0,7} {0,12} {1,8}           no Docker engine answers");
    }
    else
    {
        failed++;
        Console.WriteLine($"{name,-40} {0,7} {1,7} {0,12} {0,8}           no report: the run crashed, or no test ran; see {Logs}");
    }
}

Console.WriteLine($"\n{notOffered} cases of the kit were not offered by the stores they were for.");
PrintFailures(results); // near the end, where a shortened log still has them
return Close(passed, failed, skipped);

void Test(Suite suite)
{
    Console.WriteLine($"testing {suite.Name} ...");
    var (logs, reports) = (Path.GetFullPath(Path.Combine(Logs, suite.Name)), Path.GetFullPath(Path.Combine(Reports, suite.Images.Length == 0 ? "" : suite.Name)));
    Directory.CreateDirectory(logs);
    Directory.CreateDirectory(reports);
    var assembly = $"artifacts/bin/{suite.Project}/release/SessionStores.{suite.Project.Replace("Stores.", "", StringComparison.Ordinal)}.dll";
    Run(Path.Combine(logs, "output.log"), new() { ["SESSIONSTORES_REPORTS"] = reports, ["SESSIONSTORES_IMAGES"] = suite.Images, ["SESSIONSTORES_SHARING"] = suite.Sharing, [RunVariable] = run }, IsResultOfModule,
        ["test", "--test-modules", assembly, "--no-ansi", "--progress", "off", "--results-directory", logs, "--report-xunit-xml", .. suite.Image.Length == 0 ? [] : onFirstServer.Prepend("--filter-not-class")]);
}

static bool HasContainers()
{
    var sources = Environment.GetEnvironmentVariable("SESSIONSTORES_SOURCES");
    return (string.IsNullOrEmpty(sources) || sources.Contains("container", StringComparison.OrdinalIgnoreCase)) && Start("docker", ["version"], [], _ => { }) == 0;
}

static bool IsRequired(string word) => (Environment.GetEnvironmentVariable("SESSIONSTORES_REQUIRE") ?? "").Split(',', StringSplitOptions.TrimEntries).Contains(word);

static int Run(string log, Dictionary<string, string> environment, Func<string, bool> isShown, params string[] arguments)
{
    using var writer = new StreamWriter(log);
    return Start("dotnet", arguments, environment, line =>
    {
        lock (writer)
        {
            writer.WriteLine(line);
            if (isShown(line))
                Console.WriteLine(line);
        }
    });
}

static int Start(string command, string[] arguments, Dictionary<string, string> environment, Action<string> take)
{
    var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
    foreach (var (name, value) in environment.Where(variable => variable.Value.Length > 0))
        start.Environment[name] = value;

    using var process = new Process { StartInfo = start };
    process.OutputDataReceived += (_, line) => Take(line.Data);
    process.ErrorDataReceived += (_, line) => Take(line.Data);
    try
    {
        process.Start();
    }
    catch (System.ComponentModel.Win32Exception)
    {
        return -1; // the command is not installed
    }

    process.BeginOutputReadLine();
    process.BeginErrorReadLine();
    process.WaitForExit();
    return process.ExitCode;

    void Take(string? line)
    {
        if (line is not null)
            take(line);
    }
}

static bool IsResultOfModule(string line) => line.Contains("Tests.dll (", StringComparison.Ordinal) && !line.StartsWith(' ');

static void PrintFailures(Dictionary<string, XElement> results)
{
    foreach (var (name, assembly) in results)
    {
        foreach (var test in assembly.Descendants("test").Where(test => (string?)test.Attribute("result") == "Fail"))
            Console.WriteLine($"\nfailed {name}: {(string?)test.Attribute("name")}\n{(string?)test.Element("failure")?.Element("message")}\n{(string?)test.Element("failure")?.Element("stack-trace")}");
        foreach (var error in assembly.Descendants("error"))
            Console.WriteLine($"\nfailed {name}: {(string?)error.Attribute("name")}\n{(string?)error.Element("failure")?.Element("message")}");
    }
}

static void PrintLines()
{
    Console.WriteLine();
    foreach (var file in Directory.GetFiles(Reports, "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
    {
        var where = Path.GetFileName(Path.GetDirectoryName(file))! is var folder && folder.Contains(" on ", StringComparison.Ordinal) ? $" ({folder})" : "";
        foreach (var line in File.ReadLines(file).Where(line => line.StartsWith("conformance ", StringComparison.Ordinal)))
            Console.WriteLine(line + where);
    }

    foreach (var line in Directory.GetFiles(Reports, "reliability.txt").SelectMany(File.ReadLines))
        Console.WriteLine(line);
    foreach (var line in Directory.GetFiles(Reports, "backends-*.txt", SearchOption.AllDirectories).SelectMany(File.ReadLines).Distinct().Order(StringComparer.Ordinal))
        Console.WriteLine($"backend {line}");
}

static void PrintSkipped(IEnumerable<XElement> assemblies)
{
    Console.WriteLine("\nnot offered or skipped, and why:");
    foreach (var reason in assemblies.Descendants("reason").GroupBy(reason => reason.Value.Trim()).OrderByDescending(reason => reason.Count()))
        Console.WriteLine($"  {reason.Count(),5}  {reason.Key}");
    Console.WriteLine();
}

static bool IsNotOffered(XElement reason) => reason.Value.TrimStart().StartsWith("not offered:", StringComparison.Ordinal);

static int Number(XElement assembly, string name) => int.Parse((string?)assembly.Attribute(name) ?? "0", CultureInfo.InvariantCulture);

int Close(int passed, int failed, int skipped)
{
    Console.WriteLine($"\ntook {clock.Elapsed.TotalMinutes:0.0} minutes");
    Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
    return failed == 0 && passed > 0 ? 0 : 1;
}

/// <summary>A test project on its usual servers, or on those of another image.</summary>
internal sealed record Suite(string Project, string Image, string Images, string Sharing)
{
    /// <summary>A folder name too: <c>Stores.Redis.Tests on valkey 9.1</c>.</summary>
    public string Name => Image.Length == 0 ? Project : $"{Project} on {Image.Split('@')[0].Split('/')[^1].Replace(':', ' ')}";
}
