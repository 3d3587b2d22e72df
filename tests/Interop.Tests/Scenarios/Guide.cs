using SessionStores.Interop.Tests.Running;
using SessionStores.Interop.Tests.Sites;

namespace SessionStores.Interop.Tests.Scenarios;

/// <summary>The migration guide is held to what compiles.</summary>
public sealed class Guide(Stages stages) : ScenarioTest(stages)
{
    [Theory, EachServer("redis")]
    public async Task Every_snippet_of_the_guide_is_compiled_source(string server, Runtime begins)
    {
        var stage = await OpenAsync(server, begins);
        var compiled = string.Join('\n', Directory.GetFiles(Repository.PathOf("tests/Interop.Tests/Guide"), "*.cs").Select(File.ReadAllText).Select(Flatten));
        var guide = await File.ReadAllTextAsync(Repository.PathOf("docs/from-express.md"));
        var snippets = guide.Split("```csharp\n").Skip(1).Select(part => Flatten(part[..part.IndexOf("```", StringComparison.Ordinal)])).ToList();

        Check.That(snippets.Count > 10, "the guide has snippets");
        foreach (var snippet in snippets)
            Check.That(compiled.Contains(snippet, StringComparison.Ordinal), $"this snippet stands in tests/Interop.Tests/Guide:\n{snippet}");
    }

    // Indentation and empty lines do not count.
    private static string Flatten(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
}
