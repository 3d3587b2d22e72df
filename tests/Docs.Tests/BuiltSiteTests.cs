using System.Net;
using System.Text.RegularExpressions;

namespace SessionStores.Docs.Tests;

/// <summary>The documentation as DocFX builds it from the guides and the XML comments.</summary>
public sealed partial class BuiltSiteTests
{
    private static readonly string Site = Repository.PathOf("artifacts/docs/site");

    [Fact]
    public async Task The_site_is_built_and_every_link_leads_to_a_page_or_to_a_file_of_the_repository()
    {
        Assert.All(Packages(), package => Assert.True(File.Exists(Repository.PathOf($"artifacts/bin/Docs.Tests/release/{package}.dll")),
            $"{package} is missing in the release build of Docs.Tests, from which docfx.json takes the API: reference the project, and build with -c Release."));
        if (Directory.Exists(Repository.PathOf("artifacts/docs")))
            Directory.Delete(Repository.PathOf("artifacts/docs"), recursive: true);

        await DotNetCli.RunAsync("tool", "restore");
        await DotNetCli.RunAsync("docfx", "docfx.json");

        var pages = Directory.GetFiles(Site, "*.html", SearchOption.AllDirectories).ToDictionary(page => page, File.ReadAllText);
        Assert.Contains(Path.Combine(Site, "index.html"), pages.Keys);
        Assert.Contains(Path.Combine(Site, "api/SessionStores.ISessionStore.html"), pages.Keys);
        Assert.Empty(pages.SelectMany(page => Link().Matches(page.Value).Select(link => WebUtility.HtmlDecode(link.Groups["target"].Value)).Distinct()
            .Where(link => IsDead(page.Key, link, pages)).Select(link => $"{Path.GetRelativePath(Site, page.Key)}: {link}")));
    }

    /// <summary>The assemblies with a public API that a site or a store can use.</summary>
    private static IEnumerable<string> Packages() => Directory.GetFiles(Repository.PathOf("src"), "PublicAPI.Shipped.txt", SearchOption.AllDirectories)
        .Select(file => Path.GetFileName(Path.GetDirectoryName(file))!).Where(name => name != "Tool")
        .Select(name => $"SessionStores.{name.Replace("Stores.", "", StringComparison.Ordinal)}");

    private static bool IsDead(string page, string link, Dictionary<string, string> pages)
    {
        if (link is "" or "#" || Absolute().IsMatch(link))
            return false;

        var (path, fragment) = link.Split('#') is [var before, var after] ? (before, after) : (link, "");
        var target = path.Length == 0 ? page : Path.GetFullPath(Uri.UnescapeDataString(path.Split('?')[0]), Path.GetDirectoryName(page)!);
        if (Directory.Exists(target))
            target = Path.Combine(target, "index.html");
        if (pages.TryGetValue(target, out var html))
            return fragment.Length > 0 && !html.Contains($"id=\"{WebUtility.HtmlEncode(Uri.UnescapeDataString(fragment))}\"", StringComparison.Ordinal);

        return !File.Exists(target) && !IsInRepository(page, path);
    }

    /// <summary>What is no page leads to the repository; docs/site/public/main.js does the same in a browser.</summary>
    private static bool IsInRepository(string page, string path)
    {
        var name = Path.GetRelativePath(Site, page);
        var folder = name == "index.html" ? "docs/site" : Path.GetDirectoryName(name)!;
        return Path.Exists(Path.GetFullPath(path, Repository.PathOf(folder)));
    }

    [GeneratedRegex("\\b(?:href|src)=\"(?<target>[^\"]*)\"")]
    private static partial Regex Link();

    [GeneratedRegex("^(?:[a-z]+:|//)")]
    private static partial Regex Absolute();
}
