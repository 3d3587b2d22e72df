using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SessionStores.Repository.Tests;

/// <summary>Rules that keep the repository easy to find one's way in.</summary>
public sealed partial class LayoutTests
{
    private const int LongestSourceFile = 400;

    // These restore the packages of this repository, and so cannot be built together with it.
    private static readonly string[] BuiltOnPackages = ["samples/ThirdPartyStore/", "templates/Site/", "tests/Packages.Tests/Applications/"];

    [Fact]
    public void Every_package_has_a_readme_tests_and_a_place_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "SessionStores.sln"));
        var missing = new List<string>();
        foreach (var package in RepositoryFolder.Packages)
        {
            if (!File.Exists(Path.Combine(RepositoryFolder.Source, package, "README.md")))
                missing.Add($"src/{package}/README.md");

            if (!Directory.Exists(Path.Combine(RepositoryFolder.Tests, package + ".Tests")))
                missing.Add($"tests/{package}.Tests");

            if (!solution.Contains($"\"src\\{package}\\{package}.csproj\"", StringComparison.Ordinal))
                missing.Add($"src/{package} in SessionStores.sln");
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void The_solution_lists_every_project_in_order_and_only_files_that_exist()
    {
        var solution = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "SessionStores.sln"));
        var listed = SolutionProject().Matches(solution).Select(match => match.Groups["path"].Value.Replace('\\', '/')).ToList();
        var projects = new[] { "benchmarks", "samples", "src", "templates", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Select(project => Path.GetRelativePath(RepositoryFolder.Root, project).Replace('\\', '/'))
            .Where(project => !BuiltOnPackages.Any(folder => project.StartsWith(folder, StringComparison.Ordinal)))
            .OrderBy(project => project.Replace('/', '\0'), StringComparer.OrdinalIgnoreCase);
        var missingItems = SolutionItem().Matches(solution)
            .Select(match => match.Groups["path"].Value.Replace('\\', '/'))
            .Where(item => !File.Exists(Path.Combine(RepositoryFolder.Root, item)));

        Assert.Equal(projects, listed);
        Assert.Empty(missingItems);
        Assert.DoesNotContain("|x64", solution, StringComparison.Ordinal);
        Assert.DoesNotContain("|x86", solution, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tests_of_a_project_are_in_its_namespace()
    {
        var elsewhere = Directory.EnumerateDirectories(RepositoryFolder.Tests, "*Tests")
            .SelectMany(folder => RepositoryFolder.SourceFiles(folder), (folder, file) => (Assembly: "SessionStores." + Path.GetFileName(folder).Replace("Stores.", "", StringComparison.Ordinal), File: file))
            .Where(test => Namespace().Match(File.ReadAllText(test.File)) is { Success: true } match && !(match.Groups["name"].Value + ".").StartsWith(test.Assembly + ".", StringComparison.Ordinal))
            .Select(test => Path.GetRelativePath(RepositoryFolder.Root, test.File));

        Assert.Equal(["tests/AspNetCore.IntegrationTests/BothNamespacesTests.cs"], elsewhere);
    }

    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        var tooLong = RepositoryFolder.SourceFiles("src", "samples", "templates", "tests")
            .Select(file => (File: Path.GetRelativePath(RepositoryFolder.Root, file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > LongestSourceFile)
            .Select(file => $"{file.File}: {file.Lines}");

        Assert.Empty(tooLong);
    }

    [Fact]
    public void Stores_reference_neither_each_other_nor_the_middleware()
    {
        foreach (var package in RepositoryFolder.Packages.Where(name => name.StartsWith("Stores.", StringComparison.Ordinal)))
        {
            var project = XDocument.Load(Path.Combine(RepositoryFolder.Source, package, package + ".csproj"));
            var references = project.Descendants("ProjectReference").Select(reference => (string)reference.Attribute("Include")!);

            Assert.Equal(["../Abstractions/Abstractions.csproj"], references);
        }
    }

    [Fact]
    public void The_abstractions_depend_on_nothing()
    {
        var project = XDocument.Load(Path.Combine(RepositoryFolder.Source, "Abstractions", "Abstractions.csproj"));

        Assert.Empty(project.Descendants("PackageReference"));
        Assert.Empty(project.Descendants("ProjectReference"));
    }

    [Theory]
    [InlineData("Abstractions", 31)]
    [InlineData("AspNetCore", 36)]
    [InlineData("Conformance", 12)]
    [InlineData("Conformance.Xunit", 28)]
    [InlineData("Dashboard", 2)]
    public void A_package_has_few_public_types(string package, int most)
    {
        var types = Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Source, package), "PublicAPI.*.txt")
            .SelectMany(File.ReadLines).Count(line => PublicType().IsMatch(line));

        Assert.InRange(types, 1, most);
    }

    [Fact]
    public void Decisions_are_numbered_without_gaps_and_their_headings_give_the_number()
    {
        var files = Directory.GetFiles(Path.Combine(RepositoryFolder.Root, "docs", "decisions"), "*.md").Order(StringComparer.Ordinal).ToList();

        Assert.Equal(Enumerable.Range(1, files.Count), files.Select(file => int.Parse(Path.GetFileName(file)[..4], CultureInfo.InvariantCulture)));
        Assert.All(files, (file, index) => Assert.StartsWith($"# {index + 1}. ", File.ReadLines(file).First(), StringComparison.Ordinal));
    }

    [Fact]
    public void Every_link_between_documents_leads_somewhere()
    {
        var broken = new List<string>();
        var documents = Directory.EnumerateFiles(RepositoryFolder.Root, "*.md", SearchOption.AllDirectories)
            .Where(file => !IgnoredFolder().IsMatch(file));
        foreach (var document in documents)
        {
            foreach (Match link in RelativeLink().Matches(File.ReadAllText(document)))
            {
                var target = link.Groups["target"].Value.Split('#')[0];
                if (target.Length > 0 && !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target)))
                    broken.Add($"{Path.GetRelativePath(RepositoryFolder.Root, document)}: {target}");
            }
        }

        Assert.Empty(broken);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/security.md")]
    public void Every_test_that_a_document_names_as_a_proof_exists(string document)
    {
        var proofs = Proof().Matches(File.ReadAllText(Path.Combine(RepositoryFolder.Root, document))).ToList();
        var sources = RepositoryFolder.SourceFiles("tests", "src/Conformance").Select(File.ReadAllText).ToList();

        var missing = proofs
            .Where(proof => !sources.Any(source => source.Contains($"class {proof.Groups["class"].Value}", StringComparison.Ordinal) &&
                (!proof.Groups["test"].Success || source.Contains($" {proof.Groups["test"].Value}(", StringComparison.Ordinal))))
            .Select(proof => proof.Value);

        Assert.True(proofs.Count > 10, "The document names its proofs in code spans: `SomeTests.A_sentence`.");
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_suppression_gives_its_reason_on_the_same_line()
    {
        var bare = new List<string>();
        foreach (var file in RepositoryFolder.SourceFiles("src"))
        {
            foreach (var line in File.ReadLines(file).Where(line => line.TrimStart().StartsWith("#pragma warning disable", StringComparison.Ordinal)))
            {
                if (!line.Contains("//", StringComparison.Ordinal))
                    bare.Add($"{Path.GetRelativePath(RepositoryFolder.Root, file)}: {line.Trim()}");
            }
        }

        Assert.Empty(bare);
    }

    [GeneratedRegex(@"^[\w.]+(<.+>)?$")]
    private static partial Regex PublicType();

    [GeneratedRegex(@"`(?<class>\w+(?:Tests|Suite))(?:\.(?<test>\w+))?`")]
    private static partial Regex Proof();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\]\((?!https?:|mailto:|#)(?<target>[^)\s]+)\)")]
    private static partial Regex RelativeLink();

    [GeneratedRegex(@"^Project\(""[^""]+""\) = ""[^""]+"", ""(?<path>[^""]+\.csproj)""", RegexOptions.Multiline)]
    private static partial Regex SolutionProject();

    [GeneratedRegex(@"^\t\t(?<path>\S+) = \k<path>\r?$", RegexOptions.Multiline)]
    private static partial Regex SolutionItem();

    [GeneratedRegex(@"[\\/](artifacts|node_modules|bin|obj|\.git)[\\/]")]
    private static partial Regex IgnoredFolder();
}
