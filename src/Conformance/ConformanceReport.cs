namespace SessionStores.Conformance;

/// <summary>What a run found out about a store.</summary>
/// <param name="Store">The name of the store.</param>
/// <param name="StoreVersion">The version of the store's assembly.</param>
/// <param name="ClientVersion">The version of the client library.</param>
/// <param name="ServerVersion">The version of the server.</param>
/// <param name="Seed">The seed of the case data and of the race schedules.</param>
/// <param name="Results">Each case that was run, or was to be run.</param>
internal sealed record ConformanceReport(
    string Store, string? StoreVersion, string? ClientVersion, string? ServerVersion, ulong Seed, IReadOnlyList<CaseResult> Results)
{
    /// <summary>One line with the counts.</summary>
    public string Summary
    {
        get
        {
            var skipped = Count(CaseOutcome.Skipped);
            var line = $"conformance {Store}: {Count(CaseOutcome.Passed)} passed, {Count(CaseOutcome.Failed)} failed, {Count(CaseOutcome.NotOffered)} not offered";
            return skipped == 0 ? line : $"{line}, {skipped} not run";
        }
    }

    /// <summary>How many cases ended in this way.</summary>
    public int Count(CaseOutcome outcome) => Results.Count(result => result.Outcome == outcome);
}
