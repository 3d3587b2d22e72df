using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests;

/// <summary>How cases are run and reported without a test framework.</summary>
public sealed class RunTests : IDisposable
{
    private const string Broken = "Race.Of_many_replaces_of_one_version_exactly_one_wins";
    private const string Sound = "Race.Of_many_creates_of_one_id_exactly_one_wins";
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_run_of_some_cases_is_partial_and_leaves_the_report_of_all_of_them()
    {
        var whole = Path.Combine(_folder, "lost updates.md");
        await File.WriteAllTextAsync(whole, "all of them");

        var report = await ConformanceKit.RunAsync(new LostUpdates(), Only(Broken, Sound), TestContext.Current.CancellationToken);

        Assert.True(report.IsPartial);
        Assert.Equal("all of them", await File.ReadAllTextAsync(whole));
        Assert.Contains("(partial, 2 of ", await File.ReadAllTextAsync(Path.Combine(_folder, "lost updates.partial.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_of_all_cases_replaces_both_reports()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "away.partial.md"), "a part");
        var fixture = new LostUpdates { Store = "away", UnavailableBecause = "there is no server" };

        var report = await ConformanceKit.RunAsync(fixture, new() { ReportFolder = _folder }, TestContext.Current.CancellationToken);

        Assert.False(report.IsPartial);
        Assert.False(report.Passed, "a run in which no case ran has not passed");
        Assert.Equal(["away.json", "away.md"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_failure_names_clause_hint_address_and_seed()
    {
        var report = await ConformanceKit.RunAsync(new LostUpdates(), Only(Broken) with { Seed = 42 }, TestContext.Current.CancellationToken);

        var lines = Assert.Single(report.Results).Reason!.Split(Environment.NewLine);
        Assert.StartsWith("L6", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("Stores that fail here often ", lines[1], StringComparison.Ordinal);
        Assert.Matches(@"^The clause: https://.+/blob/v\d.+/docs/contract\.md#l6$", lines[2]);
        Assert.Equal("Replay with SESSIONSTORES_SEED=42", lines[3]);
        Assert.Equal(4, lines.Length);
    }

    [Fact]
    public async Task A_fault_that_no_case_asked_for_has_a_hint_of_its_own()
    {
        var fixture = new LostUpdates { CreationFails = new SessionStoreException("Store", "Create", SessionStoreFault.Timeout, "The database is locked.") };

        var report = await ConformanceKit.RunAsync(fixture, Only(Sound), TestContext.Current.CancellationToken);

        Assert.Contains("instead of trying again", Assert.Single(report.Results).Reason!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fault_cases_do_not_hang_because_one_of_them_does()
    {
        var fixture = new HangingFaults();
        var first = ConformanceKit.Find("Fault.A_stopped_server_is_a_typed_fault_in_time").RunAsync(fixture, TestContext.Current.CancellationToken);
        await fixture.IsAsked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var second = await ConformanceKit.Find("Fault.A_killed_server_is_a_typed_fault_in_time").RunAsync(fixture, TestContext.Current.CancellationToken);
        var third = await ConformanceKit.Find("Fault.A_hanging_server_is_a_typed_fault_in_time").RunAsync(fixture, TestContext.Current.CancellationToken);

        Assert.Contains("a call hangs", (await first).Reason!, StringComparison.Ordinal);
        Assert.All([second, third], each => Assert.Contains("another case of the group hangs", each.Reason!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failure_that_is_not_the_kits_keeps_clause_and_seed_and_names_its_cause()
    {
        var fixture = new LostUpdates { CreationFails = new InvalidOperationException("The pool is empty.", new IOException("No route.")) };

        var report = await ConformanceKit.RunAsync(fixture, Only(Sound) with { Seed = 7 }, TestContext.Current.CancellationToken);

        var reason = Assert.Single(report.Results).Reason!;
        Assert.StartsWith("L5, L12: InvalidOperationException: The pool is empty. (from IOException: No route.)", reason, StringComparison.Ordinal);
        Assert.EndsWith("SESSIONSTORES_SEED=7", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_waiver_lets_one_case_fail_and_is_stale_when_the_case_passes()
    {
        var fixture = new LostUpdates { Accepted = { [Broken] = "replaces are not conditional", [Sound] = "creates are slow", ["Fault"] = "there is no server" } };

        var report = await ConformanceKit.RunAsync(fixture, Only(Broken, Sound), TestContext.Current.CancellationToken);

        Assert.True(report.Passed);
        var waived = Assert.Single(report.Results, result => result.Outcome == CaseOutcome.Waived);
        Assert.StartsWith("replaces are not conditional (Round ", waived.Reason, StringComparison.Ordinal);
        Assert.Equal(Sound, Assert.Single(report.StaleWaivers).Name);
        Assert.Equal(ConformanceKit.Cases.Count(each => each.Group == "Fault"), report.Count(CaseOutcome.LeftOut));
        var markdown = await File.ReadAllTextAsync(Path.Combine(_folder, "lost updates.partial.md"), TestContext.Current.CancellationToken);
        Assert.Contains("left out: there is no server", markdown, StringComparison.Ordinal);
        Assert.Contains("waived: replaces are not conditional", markdown, StringComparison.Ordinal);
        Assert.Contains("The waiver is stale, since the case passes: creates are slow", markdown, StringComparison.Ordinal);
        Assert.Contains("1 waived", report.Summary, StringComparison.Ordinal);
        Assert.Contains("1 with a stale waiver", report.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Race.Of_many_create_of_one_id_exactly_one_wins", "slow", "neither a case nor a group of the kit. Did you mean 'Race.Of_many_creates_of_one_id_exactly_one_wins'?")]
    [InlineData("Fault", " ", "'Fault' without a reason")]
    public async Task A_waiver_that_is_not_clear_starts_no_case(string name, string reason, string problem)
    {
        var report = await ConformanceKit.RunAsync(new LostUpdates { Accepted = { [name] = reason } }, Only(Sound), TestContext.Current.CancellationToken);

        Assert.Contains(problem, Assert.Single(report.Results, result => result.Outcome == CaseOutcome.Failed).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_is_told_each_result_and_a_fixture_that_has_ended_runs_nothing()
    {
        var fixture = new LostUpdates();
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();

        await ConformanceKit.RunAsync(fixture, Only(Broken, Sound) with { Progress = result => seen.Add(result.Name) }, TestContext.Current.CancellationToken);

        Assert.Equal([Sound, Broken], seen.Order());
        await Assert.ThrowsAsync<InvalidOperationException>(() => ConformanceKit.RunAsync(fixture, Only(Sound), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_test_of_its_author_starts_a_fixture_once()
    {
        await using var fixture = new LostUpdates();

        await fixture.EnsureStartedAsync();
        await fixture.EnsureStartedAsync();
        await ConformanceKit.Find(Sound).RunAsync(fixture, TestContext.Current.CancellationToken);

        Assert.Equal(1, fixture.Starts);
    }

    [Fact]
    public void Every_clause_has_a_hint() =>
        Assert.All(ConformanceKit.Cases, each => Assert.Contains(" often ", FailureText.Of(new ConformanceException("wrong"), each, 1), StringComparison.Ordinal));

    private ConformanceOptions Only(params string[] names) => new() { Only = each => names.Contains(each.ToString()), ReportFolder = _folder };

    private sealed class LostUpdates : ReferenceFixture
    {
        public Dictionary<string, string> Accepted { get; init; } = [];

        public string Store { get; init; } = "lost updates";

        public string? UnavailableBecause { get; init; }

        public Exception? CreationFails { get; init; }

        public int Starts { get; private set; }

        public override string Name => Store;

        public override string? UnavailableReason => UnavailableBecause;

        public override int RaceRounds => 40;

        public override IReadOnlyDictionary<string, string> Waivers => Accepted;

        internal override ValueTask ReportAsync(ConformanceReport report) => default;

        protected override ValueTask StartAsync()
        {
            Starts++;
            return default;
        }

        protected override ISessionStore Create(ReferenceServer server, string name, StoreSettings settings) =>
            CreationFails is null ? new NeverConflicts(server, name, settings) : throw CreationFails;
    }

    /// <summary>Its server for the fault cases never starts.</summary>
    private sealed class HangingFaults : ReferenceFixture
    {
        private readonly TaskCompletionSource<IServerFaults?> _never = new();

        public TaskCompletionSource IsAsked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override TimeSpan CaseTimeout => TimeSpan.FromSeconds(1);

        public override async ValueTask<IServerFaults?> StartFaultyServerAsync()
        {
            IsAsked.TrySetResult();
            return await _never.Task;
        }
    }

    private sealed class NeverConflicts(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
    {
        public override async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
        {
            await SetAsync(id, content, cancellationToken);
            return SessionWriteResult.Written(SessionVersion.Of(content.Payload.ToArray(), content.Subject));
        }
    }
}
