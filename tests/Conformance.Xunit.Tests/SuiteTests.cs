using System.Reflection;
using Xunit.Sdk;

namespace SessionStores.Conformance.Xunit.Tests;

public sealed class SuiteTests
{
    private static readonly Assembly Here = typeof(SuiteTests).Assembly;
    private static readonly List<Type> Suites = [.. typeof(ConformanceSuite).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ConformanceSuite)))];
    private static readonly Dictionary<Type, string> AllButTouch = Suites.Where(suite => suite != typeof(TouchSuite)).ToDictionary(suite => suite, _ => "is not the subject");

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
    public void A_suite_that_is_not_inherited_is_named_with_the_line_to_add()
    {
        var problems = CapabilitySuite.Problems(Here, typeof(MemoryFixture), AllButTouch.Where(pair => pair.Key != typeof(RaceSuite)).ToDictionary());

        Assert.Contains("`public sealed class Race(MemoryFixture fixture) : RaceSuite(fixture);`", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_suite_is_inherited_or_left_out_with_a_reason()
    {
        Assert.Empty(CapabilitySuite.Problems(Here, typeof(MemoryFixture), AllButTouch));
        Assert.Equal(Suites.Count, CapabilitySuite.Problems(Here, typeof(object), new Dictionary<Type, string>()).Count);
        Assert.Single(CapabilitySuite.Problems(Here, typeof(MemoryFixture), new Dictionary<Type, string>(AllButTouch) { [typeof(RaceSuite)] = " " }));
        Assert.Single(CapabilitySuite.Problems(Here, typeof(MemoryFixture), new Dictionary<Type, string>(AllButTouch) { [typeof(TouchSuite)] = "is inherited all the same" }));
        Assert.Single(CapabilitySuite.Problems(Here, typeof(MemoryFixture), new Dictionary<Type, string>(AllButTouch) { [typeof(SuiteTests)] = "is no suite" }));
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
