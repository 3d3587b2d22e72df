namespace SessionStores.Conformance;

/// <summary>The result of one case on one store.</summary>
public sealed class CaseResult
{
    internal CaseResult(ConformanceCase @case, CaseOutcome outcome, string? reason, TimeSpan duration, ulong seed, Exception? failure)
    {
        Case = @case;
        Outcome = outcome;
        Reason = reason;
        Duration = duration;
        Seed = seed;
        Failure = failure;
    }

    /// <summary>The case.</summary>
    public ConformanceCase Case { get; }

    /// <summary>How the case ended.</summary>
    public CaseOutcome Outcome { get; }

    /// <summary>The group and the name of the case, such as <c>Touch.Touch_moves_the_expiry_forward</c>.</summary>
    public string Name => Case.ToString();

    /// <summary>The clauses of the contract that the case checks, such as <c>L8</c>.</summary>
    public IReadOnlyList<string> Clauses => Case.Clauses;

    /// <summary>Whether the case passed; null when it did not run, for the <see cref="Reason"/>.</summary>
    public bool? Passed => Outcome switch
    {
        CaseOutcome.Passed => true,
        CaseOutcome.Failed => false,
        _ => null,
    };

    /// <summary>Why the case did not pass. When it passed: null, or that its waiver is stale.</summary>
    public string? Reason { get; }

    /// <summary>How long the case took.</summary>
    public TimeSpan Duration { get; }

    /// <summary>The seed that replays the case.</summary>
    public ulong Seed { get; }

    /// <summary>What the case threw when it failed.</summary>
    public Exception? Failure { get; }
}
