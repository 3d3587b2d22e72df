using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SessionStores.Conformance;

/// <summary>Writes a report as JSON and as a Markdown table.</summary>
internal static class ReportFiles
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static string DefaultFolder()
    {
        if (Environment.GetEnvironmentVariable("SESSIONSTORES_REPORTS") is { Length: > 0 } configured)
            return configured;

        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && folder.Name != "artifacts")
            folder = folder.Parent;

        return Path.Combine(folder?.FullName ?? AppContext.BaseDirectory, "conformance");
    }

    /// <summary>Writes <c>store.json</c> and <c>store.md</c>, or, of a run of some cases, <c>store.partial.json</c> and <c>store.partial.md</c>.</summary>
    public static async Task WriteAsync(string folder, ConformanceReport report)
    {
        Directory.CreateDirectory(folder);
        var whole = Path.Combine(folder, report.Store);
        var part = whole + ".partial";
        var path = report.IsPartial ? part : whole;
        await File.WriteAllBytesAsync($"{path}.json", ToJson(report));
        await File.WriteAllTextAsync($"{path}.md", ToMarkdown(report));
        if (report.IsPartial)
            return;

        // What a part said is older than what the whole says.
        File.Delete($"{part}.json");
        File.Delete($"{part}.md");
    }

    public static byte[] ToJson(ConformanceReport report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Indented))
        {
            json.WriteStartObject();
            json.WriteString("store", report.Store);
            json.WriteString("storeVersion", report.StoreVersion);
            json.WriteString("clientVersion", report.ClientVersion);
            json.WriteString("serverVersion", report.ServerVersion);
            json.WriteString("kitVersion", typeof(ReportFiles).Assembly.GetName().Version?.ToString(3));
            json.WriteString("seed", report.Seed.ToString(CultureInfo.InvariantCulture));
            json.WriteBoolean("partial", report.IsPartial);
            json.WriteNumber("passed", report.Count(CaseOutcome.Passed));
            json.WriteNumber("failed", report.Count(CaseOutcome.Failed));
            json.WriteNumber("notOffered", report.Count(CaseOutcome.NotOffered));
            json.WriteNumber("skipped", report.Count(CaseOutcome.Skipped));
            json.WriteNumber("waived", report.Count(CaseOutcome.Waived));
            json.WriteNumber("leftOut", report.Count(CaseOutcome.LeftOut));
            json.WriteNumber("staleWaivers", report.StaleWaivers.Count());
            json.WriteStartArray("cases");
            foreach (var result in report.Results)
                Write(json, result);

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    public static string ToMarkdown(ConformanceReport report)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Conformance of {report.Store}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"store {report.StoreVersion ?? "-"} · client {report.ClientVersion ?? "-"} · server {report.ServerVersion ?? "-"} · seed {report.Seed}").AppendLine();
        text.AppendLine(report.Summary).AppendLine();
        text.AppendLine("| group | case | clause | outcome | ms |").AppendLine("|---|---|---|---|---|");
        foreach (var result in report.Results)
        {
            var outcome = result.Reason is null ? Word(result.Outcome) : $"{Word(result.Outcome)}: {Cell(result.Reason)}";
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {result.Case.Group} | {result.Case.Name.Replace('_', ' ')} | {string.Join(", ", result.Case.Clauses)} | {outcome} | {result.Duration.TotalMilliseconds:F0} |");
        }

        return text.ToString();
    }

    public static string Word(CaseOutcome outcome) => outcome switch
    {
        CaseOutcome.Passed => "passed",
        CaseOutcome.Failed => "failed",
        CaseOutcome.NotOffered => "not offered",
        CaseOutcome.Waived => "waived",
        CaseOutcome.LeftOut => "left out",
        _ => "skipped",
    };

    private static void Write(Utf8JsonWriter json, CaseResult result)
    {
        json.WriteStartObject();
        json.WriteString("group", result.Case.Group);
        json.WriteString("name", result.Case.Name);
        json.WriteStartArray("clauses");
        foreach (var clause in result.Case.Clauses)
            json.WriteStringValue(clause);

        json.WriteEndArray();
        json.WriteString("outcome", Word(result.Outcome));
        if (result.Reason is not null)
            json.WriteString("reason", result.Reason);

        json.WriteString("seed", result.Seed.ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("milliseconds", Math.Round(result.Duration.TotalMilliseconds, 1));
        json.WriteEndObject();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
