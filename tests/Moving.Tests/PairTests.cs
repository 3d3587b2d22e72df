using SessionStores.Conformance;

namespace SessionStores.Moving.Tests;

/// <summary>The conformance kit from one kind of store to another, with every session on the old side at first.</summary>
public sealed class PairTests
{
    /// <summary>What a move can break: everything that finds, changes, extends, rotates, lists or ends a session. The other groups run from memory to memory.</summary>
    private static readonly string[] Groups =
        ["Cap", "Capability", "Enumeration", "Epoch", "History", "Lifecycle", "Pruning", "Race", "Replacement", "Resurrection", "Rotation", "Slide", "Subject", "Touch"];

    /// <summary>Without what a server makes slow: cases that wait for an expiry, or that list many sessions.</summary>
    private static readonly string[] GroupsOnServers = ["Cap", "Capability", "History", "Lifecycle", "Race", "Replacement", "Resurrection", "Rotation", "Subject", "Touch"];

    private static readonly string[] SlowOnServers = ["expire", "expiry", "is_over", "taken_anew", "never_creates", "Many_sessions", "many_sessions"];

    [Theory]
    [InlineData("Memory", "Redis")]
    [InlineData("Redis", "Postgres")]
    [InlineData("Postgres", "Mongo")]
    public async Task The_kit_passes_while_sessions_move_from_one_kind_of_server_to_another(string from, string to) =>
        await PassesAsync(await ServerFixture.StartAsync(from, to), each => GroupsOnServers.Contains(each.Group) && !SlowOnServers.Any(slow => each.Name.Contains(slow, StringComparison.Ordinal)));

    /// <summary>Takes minutes for each pair.</summary>
    [Theory(Explicit = true)]
    [InlineData("Memory", "Redis")]
    [InlineData("Redis", "Postgres")]
    [InlineData("Postgres", "Mongo")]
    public async Task Every_case_that_both_sides_offer_passes_while_sessions_move(string from, string to) =>
        await PassesAsync(await ServerFixture.StartAsync(from, to, ServerFixture.Extras.Expirations | ServerFixture.Extras.Epochs), static _ => true, atLeast: 200);

    [Theory]
    [InlineData("Memory", "Redis")]
    [InlineData("Redis", "Postgres")]
    [InlineData("Postgres", "Mongo")]
    public async Task Expired_sessions_are_claimed_while_sessions_move_from_one_kind_of_server_to_another(string from, string to) =>
        await PassesAsync(await ServerFixture.StartAsync(from, to, ServerFixture.Extras.Expirations), each => each.Group == "Pruning" && each.Name.Contains("claim", StringComparison.OrdinalIgnoreCase), atLeast: 6);

    [Theory]
    [InlineData("Memory", "Redis")]
    [InlineData("Redis", "Postgres")]
    [InlineData("Postgres", "Mongo")]
    public async Task Sessions_are_void_on_both_sides_while_they_move_from_one_kind_of_server_to_another(string from, string to) =>
        await PassesAsync(await ServerFixture.StartAsync(from, to, ServerFixture.Extras.Epochs), each => each.Group == "Epoch", atLeast: 13);

    /// <summary>Without the cases that wait for an expiry, or that list many sessions.</summary>
    [Fact]
    public async Task Sessions_are_found_by_key_on_both_sides_while_they_move_from_PostgreSQL_to_MongoDB() =>
        await PassesAsync(
            await ServerFixture.StartAsync("Postgres", "Mongo", ServerFixture.Extras.Keys),
            static each => each.Group == "Key" && !SlowOnServers.Any(slow => each.Name.Contains(slow, StringComparison.Ordinal)), atLeast: 50);

    [Fact]
    public async Task The_kit_passes_while_sessions_move_from_plain_to_protected_records() => await PassesAsync(new ProtectedMemoryFixture(), each => Groups.Contains(each.Group));

    [Fact]
    public async Task The_kit_passes_in_the_stage_that_prepares_a_move() => await PassesAsync(new PreparedMemoryFixture(), each => Groups.Contains(each.Group));

    private static async Task PassesAsync(MovingFixture fixture, Func<ConformanceCase, bool> only, int atLeast = 80)
    {
        var report = await ConformanceKit.RunAsync(fixture, new ConformanceOptions { Only = only }, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine($"{report.Summary}; {fixture.Seeded} sessions began on the old side; {report.Results.Sum(result => result.Duration.TotalSeconds):F0} s in all cases");
        var failed = report.Results.Where(result => result.Outcome == CaseOutcome.Failed).Select(result => $"{result.Case}: {result.Reason}").ToList();
        Assert.True(failed.Count == 0, string.Join(Environment.NewLine, failed));
        Assert.True(report.Count(CaseOutcome.Passed) >= atLeast, report.Summary);
        Assert.True(fixture.Seeded > atLeast, $"Only {fixture.Seeded} sessions began on the old side.");
    }
}
