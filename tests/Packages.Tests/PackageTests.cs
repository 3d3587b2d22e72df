using System.IO.Compression;

namespace SessionStores.Packages.Tests;

public sealed class PackageTests(PackageFeed feed)
{
    private static readonly string[] Metadata =
        ["<license type=\"expression\">MIT</license>", "<readme>README.md</readme>", "<icon>icon.png</icon>", "<description>"];

    public static TheoryData<string> Packages => [.. PackageFeed.Projects.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task A_package_holds_its_assembly_page_icon_and_metadata(string package)
    {
        using var archive = await ZipFile.OpenReadAsync(feed.FileOf(package));
        var entries = archive.Entries.Select(entry => entry.FullName).ToList();
        using var reader = new StreamReader(await archive.Entries.Single(entry => entry.FullName == $"{package}.nuspec").OpenAsync());
        var nuspec = await reader.ReadToEndAsync();

        Assert.Contains("README.md", entries);
        Assert.Contains("icon.png", entries);
        Assert.Contains(package == PackageFeed.Templates ? "content/Site/.template.config/template.json" : $"lib/net10.0/{package}.dll", entries);
        Assert.All(Metadata, element => Assert.Contains(element, nuspec, StringComparison.Ordinal));
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
        await DotNet.RunAsync(
            "build", Repository.PathOf("src/Abstractions"), "-c", "Release", "-t:Rebuild", "-p:ContinuousIntegrationBuild=true",
            $"-p:OutputPath={output}/", $"-p:IntermediateOutputPath={Path.Combine(PackageFeed.Work, "obj")}/", "-nologo", "-v", "q");
        return await File.ReadAllBytesAsync(Path.Combine(output, "SessionStores.Abstractions.dll"));
    }
}
