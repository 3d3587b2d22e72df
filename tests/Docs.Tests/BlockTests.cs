using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionStores.AspNetCore;
using SessionStores.Redis;

namespace SessionStores.Docs.Tests;

/// <summary>The blocks of the documents that are not C#.</summary>
public sealed partial class BlockTests
{
    /// <summary>
    /// The quick start (<c>sh</c>, <c>console</c>) is run by <c>QuickStartTests</c>; <c>sql</c> is checked by the tests of the store; <c>text</c>
    /// is what a program prints or stores.
    /// </summary>
    private static readonly string[] Languages = ["csharp", "json", "xml", "sh", "console", "sql", "text"];

    private static readonly XElement Versions = XElement.Load(Repository.PathOf("Directory.Packages.props"));

    public static TheoryData<string> Json => Block.PlacesOf("json");

    public static TheoryData<string> Xml => Block.PlacesOf("xml");

    public static TheoryData<string> Commands =>
        [.. Block.All.Where(block => block.Language == "sh").SelectMany(block => block.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Where(line => line[0] != '#').Distinct()];

    [Fact]
    public void Every_block_names_its_language() =>
        Assert.Empty(Block.All.Where(block => !Languages.Contains(block.Language)).Select(block => $"{block.Place}: \"{block.Language}\" is not one of {string.Join(", ", Languages)}"));

    [Theory]
    [MemberData(nameof(Json))]
    public void A_JSON_block_is_valid_and_a_configuration_is_accepted(string place)
    {
        var text = Block.At(place).Text;
        using var document = JsonDocument.Parse(text);
        if (!document.RootElement.TryGetProperty("Sessions", out _))
            return;

        // The secret of the page is the command that creates one.
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(text)))
            .AddInMemoryCollection([new("Sessions:Secrets:0", Convert.ToBase64String(new byte[32].Select((_, index) => (byte)(index * 37)).ToArray()))]).Build();
        var services = new ServiceCollection().AddLogging();
        services.AddSessionStores(configuration.GetSection("Sessions"), new RedisStoreProvider());
        using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<SessionStoresOptions>>().Value;

        Assert.Equal(configuration.GetValue<TimeSpan>("Sessions:IdleTimeout"), options.IdleTimeout);
        Assert.Equal(configuration.GetValue<SessionCookieSecurity>("Sessions:Cookie:Secure"), options.Cookie.Secure);
    }

    [Theory]
    [MemberData(nameof(Xml))]
    public void An_XML_block_references_packages_in_their_versions(string place)
    {
        var references = XElement.Parse($"<root>{Block.At(place).Text}</root>").Descendants("PackageReference").ToList();

        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.Equal(VersionOf((string)reference.Attribute("Include")!), (string?)reference.Attribute("Version")));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_names_what_exists(string command)
    {
        var words = command.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        switch (words)
        {
            case ["dotnet", "add", "package", var package]:
                Assert.NotNull(VersionOf(package));
                break;
            case ["dotnet", "run" or "test", ..] when Project().Match(command) is { Success: true } project:
                Assert.NotEmpty(Directory.GetFiles(Repository.PathOf(project.Groups["path"].Value), "*.csproj"));
                break;
            case ["dotnet", "pack", var folder, ..]:
                Assert.NotEmpty(Directory.GetFiles(Repository.PathOf(folder), "*.csproj"));
                break;
            case ["dotnet", "tool", "restore"]:
                Assert.True(File.Exists(Repository.PathOf(".config/dotnet-tools.json")), "There is no manifest of tools.");
                break;
            case ["dotnet", "run", "--file", var file, ..]:
                Assert.True(File.Exists(Repository.PathOf(file)), $"'{file}' is no file of the repository.");
                break;
            case ["dotnet", "new", "web", ..] or ["cd", _]: // run by QuickStartTests
                break;
            default:
                Assert.True(File.Exists(Repository.PathOf(words[0])), $"'{words[0]}' is no file of the repository, and no command that this test knows.");
                break;
        }
    }

    private static string? VersionOf(string package) => package.StartsWith("SessionStores.", StringComparison.Ordinal)
        ? Directory.Exists(Repository.PathOf($"src/{package["SessionStores.".Length..]}")) || Directory.Exists(Repository.PathOf($"src/Stores.{package["SessionStores.".Length..]}"))
            ? XElement.Load(Repository.PathOf("Directory.Build.props")).Descendants("Version").Single().Value
            : null
        : (string?)Versions.Descendants("PackageVersion").SingleOrDefault(version => (string?)version.Attribute("Include") == package)?.Attribute("Version");

    [GeneratedRegex(@"--project (?<path>\S+)")]
    private static partial Regex Project();
}
