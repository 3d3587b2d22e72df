namespace SessionStores.Conformance;

/// <summary>How one case ended on one store.</summary>
/// <param name="Case">The case.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Reason">Why it failed, was not offered or was skipped; null when it passed.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Seed">The seed that replays it.</param>
/// <param name="Failure">What the case threw when it failed.</param>
public sealed record CaseResult(
    ConformanceCase Case, CaseOutcome Outcome, string? Reason, TimeSpan Duration, ulong Seed, Exception? Failure = null);
