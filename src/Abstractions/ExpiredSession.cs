namespace SessionStores;

/// <summary>An expired session that was claimed (<see cref="ISessionExpirations"/>).</summary>
/// <param name="session">The session as it was when it expired, with <c>default</c> as its version. A store may leave out the payload of one that cannot be read.</param>
/// <param name="claims">How often it has been claimed, this time included.</param>
/// <param name="claim">Names this claim for the store.</param>
public sealed class ExpiredSession(SessionRecord session, int claims, string claim)
{
    /// <summary>The most sessions of one claim.</summary>
    public const int MaxSize = 1000;

    /// <summary>The session as it was when it expired. Nothing remains of its life, and its version is <c>default</c>.</summary>
    public SessionRecord Session { get; } = session;

    /// <summary>How often it has been claimed, this time included: over 1 after a claim that was not confirmed.</summary>
    public int Claims { get; } = claims;

    /// <summary>Names this claim for the store.</summary>
    public string Claim { get; } = claim;

    /// <summary>Checks the arguments of <see cref="ISessionExpirations.ClaimExpiredAsync"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size or the lease is out of range.</exception>
    public static void ThrowIfInvalid(int size, TimeSpan lease)
    {
        if (size is < 1 or > MaxSize)
            throw new ArgumentOutOfRangeException(nameof(size), size, $"The size of a claim must be 1 to {MaxSize}.");

        if (lease < TimeSpan.FromSeconds(1) || lease > TimeSpan.FromDays(1))
            throw new ArgumentOutOfRangeException(nameof(lease), lease, "The lease of a claim must be 1 second to 1 day.");
    }

    /// <summary>Names only the type: no id belongs in a log (L21).</summary>
    public override string ToString() => nameof(ExpiredSession);
}
