using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace SessionStores.Repository.Tests;

/// <summary>One list, <c>eng/containers/images</c>, says which servers the tests run on; compose files, workflow and package pages follow it.</summary>
public sealed partial class ServersTests
{
    /// <summary>The images of each server; the first one is that of a plain run. A digest that pins one does not count.</summary>
    private static readonly ILookup<string, string> Images = File.ReadLines(Path.Combine(RepositoryFolder.Root, "eng/containers/images"))
        .Where(line => line[0] != '#').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToLookup(words => words[0], words => words[1].Split('@')[0]);

    public static TheoryData<string> ComposeFiles => [.. new[] { "samples", "templates" }.Select(folder => Path.Combine(RepositoryFolder.Root, folder))
        .Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*compose*", SearchOption.AllDirectories))
        .Where(file => file.EndsWith(".yaml", StringComparison.Ordinal) || file.EndsWith(".yml", StringComparison.Ordinal))
        .Select(file => Path.GetRelativePath(RepositoryFolder.Root, file))];

    [Theory]
    [MemberData(nameof(ComposeFiles))]
    public void A_compose_file_starts_the_servers_that_the_tests_run_on_for_this_machine_only(string file)
    {
        var services = (YamlMappingNode)Read(file)["services"];

        Assert.NotEmpty(services);
        foreach (var (name, service) in services)
        {
            Assert.Equal(Images[name.ToString()].First(), service["image"].ToString());
            Assert.All((YamlSequenceNode)service["ports"], port => Assert.StartsWith("127.0.0.1:", port.ToString(), StringComparison.Ordinal));
            Assert.NotNull(service["healthcheck"]["test"]);
        }
    }

    [Fact]
    public void There_is_a_compose_file_for_the_server_of_each_store() => Assert.Equal(
        ["mongo", "postgres", "redis"],
        Directory.GetFiles(Path.Combine(RepositoryFolder.Root, "samples/LoginDemo"), "compose.*.yaml").Select(file => Path.GetFileName(file).Split('.')[1]).Order(StringComparer.Ordinal));

    [Fact]
    public void The_workflow_runs_the_whole_matrix_on_official_images_and_skips_no_server()
    {
        var job = Read(".github/workflows/ci.yml")["jobs"]["test"];
        var commands = ((YamlSequenceNode)job["steps"]).OfType<YamlMappingNode>().Where(step => step.Children.ContainsKey("run")).Select(step => step["run"].ToString());
        var required = Required().Match(File.ReadAllText(Path.Combine(RepositoryFolder.Root, ".ci/run"))).Groups["servers"].Value;

        Assert.Contains("eng/test", commands);
        Assert.Equal("", job["env"]["TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX"].ToString());
        Assert.Equal(required, job["env"]["SESSIONSTORES_REQUIRE"].ToString());
        Assert.Superset(new HashSet<string> { "redis", "postgres", "pgbouncer", "mongo", "containers" }, required.Split(',').ToHashSet());
    }

    [Theory]
    [InlineData("redis", "Redis")]
    [InlineData("postgres", "Postgres")]
    public void The_page_of_a_store_has_a_row_for_each_server_of_the_matrix(string server, string store)
    {
        var page = File.ReadAllText(Path.Combine(RepositoryFolder.Source, $"Stores.{store}", "README.md"));
        var rows = ServerRow().Matches(page).Select(row => $"{row.Groups["product"].Value} {row.Groups["version"].Value}.").ToList();

        Assert.Equal(Images[server].Count(), rows.Count);
        foreach (var image in Images[server])
        {
            var (product, version) = (image.Split(':')[0].Split('/')[^1], image.Split(':')[1]);
            Assert.Single(rows, row => row.StartsWith(product, StringComparison.OrdinalIgnoreCase) && row.Contains($" {version}.", StringComparison.Ordinal));
        }
    }

    private static YamlMappingNode Read(string file)
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(Path.Combine(RepositoryFolder.Root, file));
        stream.Load(reader);
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }

    [GeneratedRegex(@"^export SESSIONSTORES_REQUIRE=(?<servers>\S+)$", RegexOptions.Multiline)]
    private static partial Regex Required();

    [GeneratedRegex(@"^\| (?<product>Redis|Valkey|PostgreSQL) (?<version>[\d.]+) \| \d+ \| \d+ \|", RegexOptions.Multiline)]
    private static partial Regex ServerRow();
}
