using Xunit;

namespace SessionStores.Conformance;

/// <summary>A group of cases as tests of xunit.v3.</summary>
/// <remarks>Inherit each suite once and pass it the fixture. Suites run in parallel, and the cases of one suite one after the other.</remarks>
public abstract class ConformanceSuite
{
    private protected ConformanceSuite(SessionStoreFixture fixture) => Fixture = fixture;

    private protected SessionStoreFixture Fixture { get; }

    /// <summary>Runs a case of the group. Each is a test of its own, with the traits <c>Case</c> and <c>Clause</c>.</summary>
    /// <param name="name">The name of the case, such as <c>Touch_moves_the_expiry_forward</c>.</param>
    [Theory, Cases]
    public async Task Case(string name)
    {
        var each = ConformanceKit.Find($"{CasesAttribute.GroupOf(GetType())}.{name}");
        var result = await each.RunAsync(Fixture, TestContext.Current.CancellationToken);
        switch (result)
        {
            case { Outcome: CaseOutcome.Passed, Reason: { } stale }:
                TestContext.Current.AddWarning(stale);
                break;
            case { Outcome: CaseOutcome.Failed }:
                throw new CaseFailedException(result);
            case { Outcome: CaseOutcome.NotOffered }:
                Assert.Skip($"not offered: {result.Reason}");
                break;
            case { Outcome: CaseOutcome.Waived }:
                Assert.Skip($"waived: {result.Reason}");
                break;
            case { Outcome: CaseOutcome.LeftOut }:
                Assert.Skip($"left out: {result.Reason}");
                break;
            case { Outcome: CaseOutcome.Skipped }:
                Assert.Skip(result.Reason!);
                break;
        }
    }
}
