namespace SessionStores.AspNetCore;

/// <summary>A session could not be saved because other requests kept changing it, or because two requests assigned one member.</summary>
public sealed class SessionConflictException : Exception
{
    internal SessionConflictException(int attempts)
        : base($"The session was changed by others in each of {attempts} attempts to save it. SessionStoresOptions.MaxMergeAttempts is the limit.")
    {
    }

    internal SessionConflictException(string member)
        : base($"The session member '{member}' was changed by another request meanwhile, and clashes of it are set to fail.")
    {
        Member = member;
    }

    /// <summary>The member that both requests assigned; null when the attempts ran out.</summary>
    public string? Member { get; }
}
