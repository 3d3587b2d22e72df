using System.Text.Json;
using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests;

public sealed class KitTests
{
    [Fact]
    public void There_are_596_cases() => Assert.Equal(596, ConformanceKit.Cases.Count);

    [Fact]
    public void Every_case_names_its_clauses() =>
        Assert.All(ConformanceKit.Cases, each => Assert.All(each.Clauses, clause => Assert.Matches("^L([1-9]|1[0-9]|2[0-4])$", clause)));

    [Fact]
    public void The_package_page_counts_the_cases_of_each_group()
    {
        var page = ReadPage("src", "Conformance", "README.md");

        Assert.Contains($"{ConformanceKit.Cases.Count} cases", page, StringComparison.Ordinal);
        Assert.All(ConformanceKit.Cases.GroupBy(each => each.Group), group =>
        {
            var clauses = group.SelectMany(each => each.Clauses).Distinct().OrderBy(clause => int.Parse(clause.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture));
            Assert.Contains($"| {group.Key} | {group.Count()} | {string.Join(", ", clauses)} |", page, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_contract_names_each_case_once_under_its_clause()
    {
        var clause = "";
        var named = new List<string>();
        foreach (var line in ReadPage("docs", "contract.md").Split('\n'))
        {
            if (line.StartsWith("### L", StringComparison.Ordinal))
                clause = line[4..].Trim();
            else if (line.StartsWith("- `", StringComparison.Ordinal) && clause.Length > 0)
                named.Add($"{clause} {line.Trim()[3..^1]}");
        }

        Assert.Equal(ConformanceKit.Cases.Select(each => $"{each.Clauses[0]} {each}").Order(), named.Order());
    }

    [Fact]
    public void Every_clause_is_checked() =>
        Assert.Equal(24, ConformanceKit.Cases.SelectMany(each => each.Clauses).Distinct().Count());

    [Fact]
    public void Every_capability_is_needed_by_a_case()
    {
        // A fixture without shared data, a clock or log lines is asked in the course of cases that do not need them.
        var needed = ConformanceKit.Cases.Aggregate(StoreCapabilities.None, (all, each) => all | each.Needs);

        Assert.All(Enum.GetValues<StoreCapabilities>(), capability => Assert.True((needed & capability) == capability, $"{capability} is not needed"));
    }

    [Fact]
    public async Task What_a_fixture_does_not_offer_is_not_passed()
    {
        var results = await new BareFixture().RunAsync(name => ConformanceKit.Find(name).Needs != StoreCapabilities.None, TestContext.Current.CancellationToken);

        Assert.All(results, result => Assert.Equal((CaseOutcome.NotOffered, null), (result.Outcome, result.Passed)));
        Assert.All(results, result => Assert.Contains(result.Case.Needs.ToString(), result.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_run_is_skipped_with_its_reason()
    {
        var results = await new AwayFixture().RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.All(results, result => Assert.Equal((CaseOutcome.Skipped, "there is no server"), (result.Outcome, result.Reason)));
    }

    [Fact]
    public async Task A_fixture_that_cannot_start_fails_every_case()
    {
        var results = await new BrokenFixture().RunAsync(name => name.StartsWith("Touch.", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        Assert.All(results, result => Assert.Equal((false, "The fixture did not start. InvalidOperationException: The server did not start."), (result.Passed, result.Reason)));
    }

    [Fact]
    public async Task A_report_counts_each_outcome_and_is_written_as_json_and_markdown()
    {
        var fixture = new BareFixture();
        await fixture.RunAsync(name => name.Split('.')[0] is "Touch" or "Enumeration", TestContext.Current.CancellationToken);
        var touches = ConformanceKit.Cases.Count(each => each.Group == "Touch");
        var enumerations = ConformanceKit.Cases.Count(each => each.Group == "Enumeration");

        await fixture.DisposeAsync();

        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(fixture.ReportFolder, "bare.partial.json"), TestContext.Current.CancellationToken));
        Assert.Equal(touches, json.RootElement.GetProperty("passed").GetInt32());
        Assert.Equal(0, json.RootElement.GetProperty("failed").GetInt32());
        Assert.Equal(enumerations, json.RootElement.GetProperty("notOffered").GetInt32());
        Assert.Equal("42", json.RootElement.GetProperty("seed").GetString());
        Assert.Equal("2.1", json.RootElement.GetProperty("clientVersion").GetString());
        Assert.Equal(touches + enumerations, json.RootElement.GetProperty("cases").GetArrayLength());
        var markdown = await File.ReadAllTextAsync(Path.Combine(fixture.ReportFolder, "bare.partial.md"), TestContext.Current.CancellationToken);
        Assert.True(json.RootElement.GetProperty("partial").GetBoolean());
        Assert.Contains($"conformance bare (partial, {touches + enumerations} of {ConformanceKit.Cases.Count} cases): {touches} passed, 0 failed, {enumerations} not offered", markdown, StringComparison.Ordinal);
        Assert.Contains("| Touch | Touch moves the expiry forward | L8 | passed |", markdown, StringComparison.Ordinal);
        Directory.Delete(fixture.ReportFolder, recursive: true);
    }

    [Fact]
    public async Task A_failing_race_names_the_seed_that_replays_it()
    {
        var fixture = Mutants.MutantFixture.For(typeof(Mutants.ReadsThenReplaces));

        var result = await ConformanceKit.Find("Race.Of_many_replaces_of_one_version_exactly_one_wins").RunAsync(fixture, TestContext.Current.CancellationToken);

        Assert.Contains($"Replay with SESSIONSTORES_SEED={result.Seed}", result.Reason, StringComparison.Ordinal);
        Assert.Contains("Round ", result.Reason, StringComparison.Ordinal);
    }

    private static string ReadPage(params string[] path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SessionStores.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests must run inside the repository.");

        return File.ReadAllText(Path.Combine([folder.FullName, .. path]));
    }

    private class BareFixture : ReferenceFixture
    {
        private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

        public override string Name => "bare";

        public override StoreCapabilities Capabilities => StoreCapabilities.None;

        public override string ClientVersion => "2.1";

        public override ulong? Seed => 42;

        public override string ReportFolder => _folder;

        public override ValueTask<IServerFaults?> StartFaultyServerAsync() => default;

        // Without the summary line, which would stand among those of real stores.
        internal override ValueTask ReportAsync(ConformanceReport report) => new(ReportFiles.WriteAsync(ReportFolder, report));
    }

    private sealed class AwayFixture : BareFixture
    {
        public override string UnavailableReason => "there is no server";
    }

    private sealed class BrokenFixture : BareFixture
    {
        protected override ValueTask StartAsync() => throw new InvalidOperationException("The server did not start.");
    }
}
