namespace SessionStores.Conformance;

/// <summary>How <see cref="ConformanceKit.RunAsync"/> runs cases.</summary>
public sealed record ConformanceOptions
{
    /// <summary>Selects cases; null for all. The report of a selection is partial, and does not replace that of all.</summary>
    public Func<ConformanceCase, bool>? Only { get; init; }

    /// <summary>The seed of the case data and of the race schedules; null for that of the fixture.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The folder for the report; null for that of the fixture.</summary>
    public string? ReportFolder { get; init; }

    /// <summary>How many groups of cases run at a time.</summary>
    /// <value>Default: the number of processors.</value>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Takes each result when its case has ended. Any thread.</summary>
    public Action<CaseResult>? Progress { get; init; }
}
