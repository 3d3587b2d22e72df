using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Xunit;

namespace SessionStores.Conformance;

/// <summary>A group of cases as xunit.v3 tests. Inherit each suite once and hand it the fixture.</summary>
/// <param name="fixture">The fixture of the store.</param>
/// <param name="group">The group of cases.</param>
public abstract class ConformanceSuite(SessionStoreFixture fixture, string group)
{
    /// <summary>The fixture of the store.</summary>
    protected SessionStoreFixture Fixture { get; } = fixture;

    /// <summary>Runs the case of the group that has the name of the calling test.</summary>
    protected async Task RunAsync([CallerMemberName] string name = "")
    {
        var result = await ConformanceKit.Find(group, name).RunAsync(Fixture, TestContext.Current.CancellationToken);
        switch (result.Outcome)
        {
            case CaseOutcome.Failed when result.Failure is ConformanceException or null:
                throw new ConformanceException(result.Reason!, result.Failure);
            case CaseOutcome.Failed:
                TestContext.Current.SendDiagnosticMessage("{0}", result.Reason);
                ExceptionDispatchInfo.Throw(result.Failure);
                break;
            case CaseOutcome.NotOffered:
                Assert.Skip($"not offered: {result.Reason}");
                break;
            case CaseOutcome.Skipped:
                Assert.Skip(result.Reason!);
                break;
        }
    }
}
