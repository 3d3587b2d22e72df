using System.Reflection;
using SessionStores.Conformance.Suites;

namespace SessionStores.Conformance;

/// <summary>One rule of the contract as a check that can be run on any store, with or without a test runner.</summary>
public sealed class ConformanceCase
{
    private readonly MethodInfo _method;

    internal ConformanceCase(MethodInfo method, ClauseAttribute clause)
    {
        _method = method;
        Group = method.DeclaringType!.Name[..^"Suite".Length];
        Name = method.Name;
        Clauses = clause.Clauses;
        Needs = clause.Needs;
        IsRace = clause.Race;
    }

    /// <summary>The group of the case, such as <c>Expiry</c>.</summary>
    public string Group { get; }

    /// <summary>The rule, as a sentence.</summary>
    public string Name { get; }

    /// <summary>The clauses of the contract that the case checks, such as <c>L8</c>.</summary>
    public IReadOnlyList<string> Clauses { get; }

    /// <summary>What the fixture has to offer.</summary>
    internal StoreCapabilities Needs { get; }

    /// <summary>Whether the case depends on scheduling.</summary>
    internal bool IsRace { get; }

    /// <summary>Runs the case on a store of the fixture and adds the result to the fixture's report.</summary>
    /// <param name="fixture">The fixture, which starts before its first case. Cases may run at the same time.</param>
    /// <param name="cancellationToken">Ends the wait for the case.</param>
    public async Task<CaseResult> RunAsync(SessionStoreFixture fixture, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        var started = TimeProvider.System.GetTimestamp();
        var seed = fixture.State.SeedOf(fixture);
        CaseResult Result(CaseOutcome outcome, string? reason, Exception? failure = null) =>
            new(this, outcome, reason, TimeProvider.System.GetElapsedTime(started), seed, failure);

        var result = await RunAsync(fixture, seed, Result, cancellationToken);
        fixture.State.Add(result);
        return result;
    }

    /// <summary>The group and the name.</summary>
    public override string ToString() => $"{Group}.{Name}";

    private async Task<CaseResult> RunAsync(
        SessionStoreFixture fixture, ulong seed, Func<CaseOutcome, string?, Exception?, CaseResult> result, CancellationToken cancellationToken)
    {
        try
        {
            await fixture.EnsureStartedAsync().WaitAsync(cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return result(CaseOutcome.Failed, $"The fixture did not start. {FailureText.Of(failure)}", failure);
        }

        if (fixture.UnavailableReason is { } reason)
            return result(CaseOutcome.Skipped, reason, null);
        if (fixture.Waivers.TryGetValue(Group, out var leftOut))
            return result(CaseOutcome.LeftOut, leftOut, null);
        if ((Needs & ~fixture.Capabilities) is var missing && missing != StoreCapabilities.None)
            return result(CaseOutcome.NotOffered, $"the fixture does not offer {missing}", null);

        var waiver = fixture.Waivers.GetValueOrDefault(ToString());
        try
        {
            await RunInContextAsync(fixture, seed, cancellationToken);
            return result(CaseOutcome.Passed, waiver is null ? null : $"The waiver is stale, since the case passes: {waiver}", null);
        }
        catch (NotOfferedException notOffered)
        {
            return result(CaseOutcome.NotOffered, notOffered.Message, null);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return waiver is null
                ? result(CaseOutcome.Failed, FailureText.Of(failure, this, seed), failure)
                : result(CaseOutcome.Waived, $"{waiver} ({FailureText.Of(failure)})", failure);
        }
    }

    private async Task RunInContextAsync(SessionStoreFixture fixture, ulong seed, CancellationToken cancellationToken)
    {
        var context = new CaseContext(fixture, seed, IsRace);
        var suite = (ConformanceSuite)Activator.CreateInstance(_method.DeclaringType!, fixture)!;
        suite.Attach(context);

        // On a thread of the pool, so that a store that blocks its caller is found out too.
        var run = Task.Run(() => (Task)_method.Invoke(suite, BindingFlags.DoNotWrapExceptions, null, null, null)!, CancellationToken.None);
        try
        {
            await run.WaitAsync(fixture.CaseTimeout, cancellationToken);
        }
        catch (TimeoutException) when (!run.IsCompleted)
        {
            if (context.WaitsForServer)
                throw new ConformanceException(CaseContext.ServerIsKept);

            if (Group == "Fault")
                fixture.State.FaultsHang();

            throw new ConformanceException($"The case did not end within {fixture.CaseTimeout}: a call hangs.");
        }
        finally
        {
            if (run.IsCompleted)
                await context.DisposeAsync();
        }
    }
}
