namespace SessionStores.Tool;

internal enum CheckOutcome
{
    Ok,
    Warning,
    Failure,
}

/// <summary>One line of <c>sessionstores check</c>.</summary>
/// <param name="Outcome">Ok; Warning for what can cost users their sessions; Failure for what keeps the store from working.</param>
/// <param name="Subject">What was looked at, in a word or two.</param>
/// <param name="Finding">What was found, in a sentence.</param>
/// <param name="Advice">What to do about it; null where nothing is.</param>
internal sealed record CheckResult(CheckOutcome Outcome, string Subject, string Finding, string? Advice);

/// <summary>What <c>sessionstores check</c> has found.</summary>
internal sealed class CheckReport
{
    private readonly List<CheckResult> _results = [];

    public IReadOnlyList<CheckResult> Results => _results;

    /// <summary>Whether the server has what the store needs, so that a session can be tried without creating anything else.</summary>
    public bool IsSetUp { get; set; } = true;

    public bool IsUsable => !_results.Exists(result => result.Outcome == CheckOutcome.Failure);

    public void Ok(string subject, string finding) => _results.Add(new(CheckOutcome.Ok, subject, finding, null));

    public void Warn(string subject, string finding, string advice) => _results.Add(new(CheckOutcome.Warning, subject, finding, advice));

    public void Fail(string subject, string finding, string advice) => _results.Add(new(CheckOutcome.Failure, subject, finding, advice));

    public void Fail(string subject, SessionStoreException failure, string rights) => Fail(subject, failure.Message, failure.Fault switch
    {
        SessionStoreFault.Unavailable => "Check that the server runs, its host and port, and what is between, such as a firewall or a VPN.",
        SessionStoreFault.Timeout => "Check that the server runs, its load, and the way to it. --option OperationTimeout=00:00:30 waits longer.",
        SessionStoreFault.ReadOnly => "Connect to the primary, or free what the server ran out of.",
        SessionStoreFault.Refused => rights,
        SessionStoreFault.Unreadable => "Another application writes to this place. Use a place of the store's own.",
        _ => "The page of the store in the documentation says what it needs.",
    });
}
