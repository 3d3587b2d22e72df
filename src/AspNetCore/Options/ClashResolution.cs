namespace SessionStores.AspNetCore;

/// <summary>What happens when two requests assign different values to one member.</summary>
public enum ClashResolution
{
    /// <summary>The request that saves later wins.</summary>
    LastWins,

    /// <summary>The request that saved first wins.</summary>
    FirstWins,

    /// <summary>The later save fails with a <see cref="SessionConflictException"/>.</summary>
    Fail,
}
