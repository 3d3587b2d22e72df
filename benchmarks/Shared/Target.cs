using System.Globalization;

namespace SessionStores.Benchmarking;

/// <summary>Whether a target is met: decided by the whole interval of what was measured.</summary>
internal enum Verdict
{
    /// <summary>The whole interval is on the right side.</summary>
    Met,

    /// <summary>The goal is inside of the interval.</summary>
    Open,

    /// <summary>The whole interval is on the wrong side, or nothing was measured.</summary>
    Short,
}

/// <summary>A target, what was measured for it, and whether it is met.</summary>
/// <param name="What">What is compared.</param>
/// <param name="Goal">What is wanted.</param>
/// <param name="Measured">What was measured.</param>
/// <param name="Verdict">Whether that is enough.</param>
internal sealed record Target(string What, string Goal, string Measured, Verdict Verdict)
{
    public static Target AtLeast(string what, double goal, Interval measured, string more = "") =>
        Of(what, string.Create(CultureInfo.InvariantCulture, $"≥ {goal:F2}"), measured, more, measured.Low >= goal, measured.High < goal);

    public static Target AtMost(string what, double goal, Interval measured, string more = "") =>
        Of(what, string.Create(CultureInfo.InvariantCulture, $"≤ {goal:F2}"), measured, more, measured.High <= goal, measured.Low > goal);

    /// <summary>A target of something that is counted, not timed.</summary>
    public static Target Counted(string what, string goal, string measured, bool isMet) => new(what, goal, measured, isMet ? Verdict.Met : Verdict.Short);

    public override string ToString() => $"{Verdict.ToString().ToUpperInvariant(),-5}  {What}: {Goal}; measured {Measured}";

    private static Target Of(string what, string goal, Interval measured, string more, bool isMet, bool isShort) => measured.Pairs == 0
        ? new Target(what, goal, "nothing", Verdict.Short)
        : new Target(what, goal, more.Length == 0 ? $"{measured}" : $"{measured}; {more}", isMet ? Verdict.Met : isShort ? Verdict.Short : Verdict.Open);
}
