namespace SessionStores.AspNetCore;

/// <summary>A session could not be saved because other requests kept changing it, or because two requests assigned different values to one member.</summary>
public sealed class SessionConflictException : Exception
{
    internal SessionConflictException(int attempts)
        : base($"Other requests changed the session in each of {attempts} attempts to save it. Change the session less often at the same time, or raise SessionStoresOptions.MaxMergeAttempts.")
    {
    }

    internal SessionConflictException(string member)
        : base($"Another request has assigned a different value to the session member '{member}', and SessionStoresOptions.Clashes is ClashResolution.Fail. Load the session again and repeat the change, or use Update.")
    {
        Member = member;
    }

    /// <summary>The member that both requests assigned; null if the attempts were exhausted.</summary>
    public string? Member { get; }
}
