namespace SessionStores.Benchmarks.Targets;

/// <summary>A target, what was measured for it, and whether it is met.</summary>
/// <param name="What">What is compared.</param>
/// <param name="Goal">What is wanted.</param>
/// <param name="Measured">What was measured.</param>
/// <param name="IsMet">Whether that is enough.</param>
internal sealed record Target(string What, string Goal, string Measured, bool IsMet);
