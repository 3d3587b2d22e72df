using System.Text.Json;
using System.Text.RegularExpressions;

namespace SessionStores.Packages.Tests;

/// <summary>What is in a package, as a gallery and a user of it see it.</summary>
public sealed partial class PackageTests(PackageFeed feed)
{
    private const string RepositoryUrl = "https://github.com/sessionstores/sessionstores";

    public static TheoryData<string> Packages => [.. PackageFeed.Projects.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Those with an assembly to reference: the template and the tool have none.</summary>
    public static TheoryData<string> Libraries => [.. PackageFeed.Projects.Keys.Where(package => package is not (PackageFeed.Templates or PackageFeed.Tool)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task A_package_has_a_page_an_icon_and_the_licence(string package)
    {
        using var archive = await Package.OpenAsync(feed.FileOf(package));

        Assert.Superset(new HashSet<string>(["README.md", "icon.png", "LICENSE"]), archive.Entries("").ToHashSet());
        Assert.Equal(await File.ReadAllTextAsync(Repository.PathOf("LICENSE")), await archive.TextAsync("LICENSE"));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public async Task A_library_is_one_assembly_with_its_documentation(string package)
    {
        using var archive = await Package.OpenAsync(feed.FileOf(package));

        // No other assembly is in it, so no other licence has to be.
        Assert.Equal([$"lib/net10.0/{package}.dll", $"lib/net10.0/{package}.xml"], archive.Entries("lib/"));
    }

    [Fact]
    public async Task The_tool_is_a_program_with_what_it_needs()
    {
        using var archive = await Package.OpenAsync(feed.FileOf(PackageFeed.Tool));
        var files = archive.Entries("tools/net10.0/any/").Select(Path.GetFileName).ToHashSet();

        Assert.Superset(new HashSet<string?>(["DotnetToolSettings.xml", "SessionStores.Tool.dll", "SessionStores.Conformance.dll", "SessionStores.Redis.dll", "SessionStores.Postgres.dll", "SessionStores.Mongo.dll", "System.CommandLine.dll", "Spectre.Console.dll"]), files);
        Assert.DoesNotContain(files, file => file!.StartsWith("xunit", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_template_is_a_site_without_an_assembly()
    {
        using var archive = await Package.OpenAsync(feed.FileOf(PackageFeed.Templates));

        Assert.Contains("content/Site/.template.config/template.json", archive.Entries("content/"));
        Assert.Empty(archive.Entries("lib/"));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task A_package_says_what_it_is_and_where_it_comes_from(string package)
    {
        using var archive = await Package.OpenAsync(feed.FileOf(package));
        var metadata = await archive.MetadataAsync();
        var repository = metadata.Element(metadata.Name.Namespace + "repository");

        foreach (var (name, value) in new[] { ("license", "MIT"), ("icon", "icon.png"), ("readme", "README.md"), ("projectUrl", RepositoryUrl) })
            Assert.Equal(value, (string?)metadata.Element(metadata.Name.Namespace + name));
        Assert.NotEqual("", (string?)metadata.Element(metadata.Name.Namespace + "description"));
        Assert.Equal(RepositoryUrl, (string?)repository?.Attribute("url"));
        Assert.Matches("^[0-9a-f]{40}$", (string?)repository?.Attribute("commit"));
    }

    [Fact]
    public async Task Each_package_has_tags_of_its_own()
    {
        var tags = new List<string>();
        foreach (var package in PackageFeed.Projects.Keys)
        {
            using var archive = await Package.OpenAsync(feed.FileOf(package));
            tags.Add((string)(await archive.MetadataAsync()).Elements().Single(element => element.Name.LocalName == "tags"));
        }

        Assert.All(tags, text => Assert.Superset(new HashSet<string>(["session", "sessions", "aspnetcore"]), text.Split(' ').ToHashSet()));
        Assert.Equal(tags.Count, tags.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task The_release_notes_are_the_newest_section_of_the_changelog(string package)
    {
        var changelog = await File.ReadAllTextAsync(Repository.PathOf("CHANGELOG.md"));
        var sections = changelog.Split("\n## ")[1..];
        using var archive = await Package.OpenAsync(feed.FileOf(package));

        var notes = (string)(await archive.MetadataAsync()).Elements().Single(element => element.Name.LocalName == "releaseNotes");

        Assert.Equal("## " + sections[0].Trim(), notes.ReplaceLineEndings("\n"));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task The_links_of_a_page_are_absolute_and_lead_to_files_of_this_version(string package)
    {
        using var archive = await Package.OpenAsync(feed.FileOf(package));
        var version = (string)(await archive.MetadataAsync()).Elements().Single(element => element.Name.LocalName == "version");
        var links = Link().Matches(await archive.TextAsync("README.md")).Select(match => match.Groups["target"].Value).ToList();
        var files = $"{RepositoryUrl}/blob/v{version}/";

        Assert.All(links, link => Assert.True(link.StartsWith("https://", StringComparison.Ordinal) || link.StartsWith('#'), $"A relative link is dead in a package: {link}"));
        Assert.All(
            links.Where(link => link.StartsWith(files, StringComparison.Ordinal)).Select(link => link[files.Length..].Split('#')[0]),
            path => Assert.True(Path.Exists(Repository.PathOf(path)), $"{path} does not exist."));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public async Task The_symbols_lead_to_the_sources_of_the_commit_and_name_no_path_of_this_machine(string package)
    {
        using var archive = await Package.OpenAsync(feed.FileOf(package));
        var commit = (string)(await archive.MetadataAsync()).Elements().Single(element => element.Name.LocalName == "repository").Attribute("commit")!;
        using var symbols = await Package.OpenAsync(Path.ChangeExtension(feed.FileOf(package), ".snupkg"));
        var (documents, sources) = await symbols.SymbolsAsync($"lib/net10.0/{package}.pdb");

        Assert.Equal($$$"""{"documents":{"/_/*":"https://raw.githubusercontent.com/sessionstores/sessionstores/{{{commit}}}/*"}}""", sources);
        Assert.NotEmpty(documents);
        Assert.All(documents, document => Assert.StartsWith("/_/", document, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public async Task The_bill_of_materials_names_every_dependency_with_its_licence(string package)
    {
        using var archive = await Package.OpenAsync(feed.FileOf(package));
        var metadata = await archive.MetadataAsync();
        var dependencies = metadata.Descendants(metadata.Name.Namespace + "dependency").Select(dependency => $"{(string?)dependency.Attribute("id")} {(string?)dependency.Attribute("version")}");
        using var bill = JsonDocument.Parse(await archive.TextAsync("sbom.cdx.json"));
        var shipped = bill.RootElement.TryGetProperty("components", out var components)
            ? components.EnumerateArray().Where(component => component.GetProperty("scope").GetString() == "required").ToList()
            : [];

        Assert.Equal("CycloneDX", bill.RootElement.GetProperty("bomFormat").GetString());
        Assert.Equal(package, bill.RootElement.GetProperty("metadata").GetProperty("component").GetProperty("name").GetString());
        Assert.Superset(dependencies.ToHashSet(), shipped.Select(component => $"{component.GetProperty("name").GetString()} {component.GetProperty("version").GetString()}").ToHashSet());
        Assert.All(
            shipped.Where(component => !component.GetProperty("name").GetString()!.StartsWith("SessionStores.", StringComparison.Ordinal)),
            component => Assert.True(component.TryGetProperty("licenses", out var licences) && licences.GetArrayLength() > 0, $"No licence: {component.GetProperty("name").GetString()}"));
    }

    [Fact]
    public async Task A_build_is_deterministic()
    {
        var first = await BuildAsync("round1");
        var second = await BuildAsync("round2");

        Assert.Equal(first, second);
    }

    private static async Task<byte[]> BuildAsync(string round)
    {
        var output = Path.Combine(PackageFeed.Work, round);
        await DotNetCli.RunAsync(
            "build", Repository.PathOf("src/Abstractions"), "-c", "Release", "-t:Rebuild",
            $"-p:OutputPath={output}/", $"-p:IntermediateOutputPath={Path.Combine(PackageFeed.Work, "obj")}/", "-nologo", "-v", "q");
        return await File.ReadAllBytesAsync(Path.Combine(output, "SessionStores.Abstractions.dll"));
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
