using Interop.Running;

namespace Interop.Scenarios;

/// <summary>The migration guide is held to what compiles.</summary>
[Only("redis")]
internal static class Guide
{
    public static async Task Every_snippet_of_the_guide_is_compiled_source(Stage stage)
    {
        var compiled = string.Join('\n', Directory.GetFiles(Path.Combine(stage.Root, "tests/Interop/Guide"), "*.cs").Select(File.ReadAllText).Select(Flatten));
        var guide = await File.ReadAllTextAsync(Path.Combine(stage.Root, "docs/from-express.md"));
        var snippets = guide.Split("```csharp\n").Skip(1).Select(part => Flatten(part[..part.IndexOf("```", StringComparison.Ordinal)])).ToList();

        Check.That(snippets.Count > 10, "the guide has snippets");
        foreach (var snippet in snippets)
            Check.That(compiled.Contains(snippet, StringComparison.Ordinal), $"this snippet stands in tests/Interop/Guide:\n{snippet}");
    }

    // Indentation and empty lines do not count.
    private static string Flatten(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
}
