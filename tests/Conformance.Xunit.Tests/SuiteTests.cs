using System.Reflection;
using Xunit.Sdk;

namespace SessionStores.Conformance.Xunit.Tests;

public sealed class SuiteTests
{
    private static readonly Assembly Here = typeof(SuiteTests).Assembly;
    private static readonly List<Type> Suites = [.. typeof(ConformanceSuite).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ConformanceSuite)))];

    [Fact]
    public void Every_group_of_cases_has_a_suite() =>
        Assert.Equal(ConformanceKit.Cases.Select(each => each.Group).Distinct().Order(), Suites.Select(CasesAttribute.GroupOf).Order());

    [Fact]
    public async Task Every_case_of_its_group_is_a_test_with_the_name_of_the_class_and_of_the_case()
    {
        var method = typeof(Touch).GetMethod(nameof(Touch.Case))!;

        var rows = await new CasesAttribute().GetData(method, new DisposalTracker());

        var cases = ConformanceKit.Cases.Where(each => each.Group == "Touch").ToList();
        Assert.NotEmpty(cases);
        Assert.Equal(cases.Select(each => $"{typeof(Touch).FullName}.{each.Name}"), rows.Select(row => row.TestDisplayName));
        Assert.Equal(cases.Select(each => each.Clauses.Order()), rows.Select(row => row.Traits!["Clause"].Order()));
    }

    [Fact]
    public void A_suite_that_is_neither_inherited_nor_left_out_is_named_with_the_line_to_add()
    {
        var allButTouch = Suites.Select(CasesAttribute.GroupOf).Where(group => group != "Touch").ToDictionary(group => group, _ => "is not the subject");
        var andWithoutRace = allButTouch.Where(pair => pair.Key != "Race").ToDictionary();

        Assert.Empty(CapabilitySuite.MissingLines(Here, typeof(MemoryFixture), allButTouch));
        Assert.Equal(["public sealed class Race(MemoryFixture fixture) : RaceSuite(fixture);"], CapabilitySuite.MissingLines(Here, typeof(MemoryFixture), andWithoutRace));
        Assert.Equal(Suites.Count, CapabilitySuite.MissingLines(Here, typeof(object), new Dictionary<string, string>()).Count);
    }

    [Fact]
    public async Task A_case_that_does_not_pass_as_a_waiver_says_is_skipped_with_the_reason()
    {
        await using var fixture = new BrokenFixture { Accepted = { ["Touch.Touch_moves_the_expiry_forward"] = "the disk is full", ["Race"] = "no races" } };

        Assert.Contains("waived: the disk is full (SessionStoreException: ", await SkipAsync(new Broken(fixture).Case("Touch_moves_the_expiry_forward")), StringComparison.Ordinal);
        Assert.EndsWith("left out: no races", await SkipAsync(new BrokenRace(fixture).Case("Of_many_creates_of_one_id_exactly_one_wins")), StringComparison.Ordinal);

        // The assertions of xunit let the exception of a skipped test through, which would skip this one.
        static async Task<string> SkipAsync(Task test)
        {
            try
            {
                await test;
                return "passed";
            }
            catch (Exception skip)
            {
                return skip.Message;
            }
        }
    }

    [Fact]
    public async Task A_failure_says_what_is_wrong_once_and_where_it_came_from()
    {
        await using var fixture = new BrokenFixture();

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => new Broken(fixture).Case("Touch_moves_the_expiry_forward"));

        Assert.StartsWith("L8: SessionStoreException: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("The disk is full.", failure.Message, StringComparison.Ordinal);
        Assert.Null(failure.InnerException);
        Assert.Contains(nameof(BrokenFixture), failure.StackTrace, StringComparison.Ordinal);
    }
}
