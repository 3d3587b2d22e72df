using System.Text;

namespace SessionStores.Conformance;

/// <summary>What a run found out about a store.</summary>
public sealed class ConformanceReport
{
    internal ConformanceReport(SessionStoreFixture fixture, string? storeVersion, ulong seed, IReadOnlyList<CaseResult> results)
    {
        Store = fixture.Name;
        StoreVersion = storeVersion;
        ClientVersion = fixture.ClientVersion;
        ServerVersion = fixture.ServerVersion;
        Seed = seed;
        Results = results;
    }

    /// <summary>The name of the store.</summary>
    public string Store { get; }

    /// <summary>The version of the store's assembly.</summary>
    public string? StoreVersion { get; }

    /// <summary>The version of the client library.</summary>
    public string? ClientVersion { get; }

    /// <summary>The version of the server.</summary>
    public string? ServerVersion { get; }

    /// <summary>The seed of the case data and of the race schedules.</summary>
    public ulong Seed { get; }

    /// <summary>Each case that was run, was to be run, or is left out.</summary>
    public IReadOnlyList<CaseResult> Results { get; }

    /// <summary>Whether cases were not asked for, so that the report says nothing about the store as a whole.</summary>
    public bool IsPartial => Results.Select(result => result.Case).Distinct().Count() < ConformanceKit.Cases.Count;

    /// <summary>Whether a case ran, and none failed.</summary>
    public bool Passed => Count(CaseOutcome.Passed) > 0 && Count(CaseOutcome.Failed) == 0;

    /// <summary>The cases that passed although they are waived.</summary>
    public IEnumerable<CaseResult> StaleWaivers => Results.Where(result => result is { Outcome: CaseOutcome.Passed, Reason: not null });

    /// <summary>One line with the counts.</summary>
    public string Summary
    {
        get
        {
            var part = IsPartial ? $" (partial, {Results.Count} of {ConformanceKit.Cases.Count} cases)" : "";
            var line = new StringBuilder($"conformance {Store}{part}: {Count(CaseOutcome.Passed)} passed, {Count(CaseOutcome.Failed)} failed, {Count(CaseOutcome.NotOffered)} not offered");
            foreach (var (count, words) in new[] { (Count(CaseOutcome.Waived), "waived"), (Count(CaseOutcome.LeftOut), "left out"), (Count(CaseOutcome.Skipped), "not run"), (StaleWaivers.Count(), "with a stale waiver") })
            {
                if (count > 0)
                    line.Append(System.Globalization.CultureInfo.InvariantCulture, $", {count} {words}");
            }

            return line.ToString();
        }
    }

    /// <summary>How many cases ended in this way.</summary>
    public int Count(CaseOutcome outcome) => Results.Count(result => result.Outcome == outcome);

    /// <summary>The report as JSON, as in the file of <see cref="SessionStoreFixture.ReportFolder"/>.</summary>
    public string ToJson() => Encoding.UTF8.GetString(ReportFiles.ToJson(this));
}
