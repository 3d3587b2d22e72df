using System.Text.Json;
using System.Text.RegularExpressions;

namespace SessionStores.Docs.Tests;

/// <summary>The documentation that <c>docfx.json</c> describes.</summary>
public sealed partial class SiteTests
{
    [Fact]
    public void Every_guide_and_every_package_is_in_the_contents()
    {
        var folder = Repository.PathOf("docs");
        var listed = Entry().Matches(File.ReadAllText(Path.Combine(folder, "toc.yml"))).Select(entry => Path.GetFullPath(entry.Groups["path"].Value, folder)).ToList();
        var pages = Directory.GetFiles(folder, "*.md").Concat(Directory.GetFiles(Repository.PathOf("src"), "README.md", SearchOption.AllDirectories));

        Assert.All(listed, path => Assert.True(File.Exists(path), $"docs/toc.yml lists {path}, which does not exist."));
        Assert.Empty(pages.Except(listed));
    }

    [Fact]
    public void Every_file_that_the_site_names_exists()
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("docfx.json")));
        var build = settings.RootElement.GetProperty("build");
        var named = new[] { "_appLogoPath", "_appFaviconPath" }.Select(name => build.GetProperty("globalMetadata").GetProperty(name).GetString()!)
            .Concat(["docs/site/index.md", "docs/site/toc.yml", "docs/site/public/main.css", "docs/site/public/main.js"]);

        Assert.All(named, path => Assert.True(File.Exists(Repository.PathOf(path)), $"{path} does not exist."));
    }

    [GeneratedRegex(@"^\s*href: (?<path>\S+)$", RegexOptions.Multiline)]
    private static partial Regex Entry();
}
