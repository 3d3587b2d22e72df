using System.Text.RegularExpressions;

namespace SessionStores.Repository.Tests;

/// <summary>The compose files of the template and of the samples, which people copy.</summary>
public sealed partial class ComposeTests
{
    /// <summary>Debian has no MongoDB, so that the images of the tests have none either (CONTRIBUTING.md).</summary>
    private const string NotBuilt = "mongo:8.0";

    public static TheoryData<string> Files =>
    [
        .. new[] { "samples", "templates" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Root, folder), "compose*.yaml", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(RepositoryFolder.Root, file)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void An_image_is_one_of_those_that_the_tests_use(string file)
    {
        var tested = File.ReadLines(Path.Combine(RepositoryFolder.Root, "eng/containers/images")).Select(line => line.Split(' ')[0]).Append(NotBuilt);

        Assert.All(Image().Matches(Text(file)).Select(match => match.Groups["image"].Value), image => Assert.Contains(image, tested));
        Assert.NotEmpty(Image().Matches(Text(file)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_server_is_reached_from_this_machine_only_and_says_when_it_is_ready(string file)
    {
        var ports = Ports().Matches(Text(file));

        Assert.NotEmpty(ports);
        Assert.All(ports, port => Assert.StartsWith("127.0.0.1:", port.Groups["port"].Value, StringComparison.Ordinal));
        Assert.Equal(Image().Count(Text(file)), HealthCheck().Count(Text(file)));
    }

    private static string Text(string file) => File.ReadAllText(Path.Combine(RepositoryFolder.Root, file));

    [GeneratedRegex(@"^ +image: (?<image>\S+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Image();

    [GeneratedRegex(@"^ +ports: \[""(?<port>[^""]+)""\]", RegexOptions.Multiline)]
    private static partial Regex Ports();

    [GeneratedRegex(@"^    healthcheck:\r?$", RegexOptions.Multiline)]
    private static partial Regex HealthCheck();
}
