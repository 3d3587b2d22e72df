namespace SessionStores.Conformance;

/// <summary>A case failed. The message names the clause, and the stack trace is that of the cause, so that nothing is said twice.</summary>
internal sealed class CaseFailedException(CaseResult result) : Exception(result.Reason)
{
    /// <inheritdoc/>
    public override string? StackTrace => result.Failure?.GetBaseException().StackTrace;
}
