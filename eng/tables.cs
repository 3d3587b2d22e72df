#:property PublishAot=false
// Writes what the last eng/test counted on each server into the tables of servers on the pages of the stores. Prints what it changed, and fails then.
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

var changes = 0;
foreach (var (store, report) in new[] { ("Redis", "redis"), ("Postgres", "postgres"), ("Mongo", "mongo") })
{
    var page = $"src/Stores.{store}/README.md";
    var lines = File.ReadAllLines(page);
    foreach (var folder in Directory.GetDirectories("artifacts/test-logs", $"Stores.{store}.Tests*"))
    {
        var suite = Path.GetFileName(folder);
        var assembly = XDocument.Load(Directory.GetFiles(folder, "*.xml").Single()).Root!.Element("assembly")!;
        if ((int)assembly.Attribute("failed")! + (int)assembly.Attribute("errors")! > 0)
            throw new InvalidOperationException($"{suite} has failed: there is nothing to count.");

        var passed = (int)assembly.Attribute("passed")!;
        var notOffered = assembly.Descendants("reason").Count(reason => reason.Value.TrimStart().StartsWith("not offered:", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine("artifacts/conformance", suite.Contains(" on ", StringComparison.Ordinal) ? suite : "", $"{report}.json")));
        var server = json.RootElement.GetProperty("serverVersion").GetString()!.Split(", ")[^1];

        // Releases of one version share a row; MongoDB's protocol has one row, whichever server speaks it.
        var rows = Enumerable.Range(0, lines.Length).Where(index => Row.Pattern().IsMatch(lines[index])).ToList();
        var row = store == "Mongo" ? rows.Single() : rows.Single(index => lines[index].StartsWith($"| {server[..(server.LastIndexOf('.') + 1)]}", StringComparison.Ordinal));
        var name = store == "Mongo" ? Row.Pattern().Match(lines[row]).Groups["server"].Value : server;
        var written = Row.Pattern().Replace(lines[row], $"| {name} | {passed} | {notOffered} |");
        if (written == lines[row])
            continue;

        Console.WriteLine($"{page}:\n- {lines[row]}\n+ {written}");
        lines[row] = written;
        changes++;
    }

    File.WriteAllText(page, string.Join('\n', lines) + '\n');
}

Console.WriteLine(changes == 0 ? "The tables say what the last run counted." : $"{changes} rows changed.");
return changes == 0 ? 0 : 1;

internal static partial class Row
{
    [GeneratedRegex(@"^\| (?<server>[^|]+) \| \d+ \| \d+ \|")]
    public static partial Regex Pattern();
}
