namespace SessionStores;

/// <summary>How a read extends what it reads: "if less than X of life remains, extend to T" (L3).</summary>
/// <remarks>
/// A slide only moves the expiry forward, and never past what the record itself allows: its own idle time, which is
/// <c>cookie.originalMaxAge</c> of the payload counted from now, and its absolute limit (<see cref="ReservedMembers.Absolute"/>).
/// </remarks>
public readonly struct SlidingExpiry
{
    /// <summary>Makes a slide.</summary>
    /// <param name="whenRemainingBelow">The slide is due when less than this is left; zero or less means never.</param>
    /// <param name="extendTo">The lifetime from the read on, by the clock of the store.</param>
    public SlidingExpiry(TimeSpan whenRemainingBelow, SessionLifetime extendTo)
    {
        WhenRemainingBelow = whenRemainingBelow;
        ExtendTo = extendTo;
    }

    /// <summary>The slide is due when less than this is left.</summary>
    public TimeSpan WhenRemainingBelow { get; }

    /// <summary>The lifetime from the read on, unless the record allows less.</summary>
    public SessionLifetime ExtendTo { get; }

    /// <summary>Says whether a live record is due for this slide and to which instant it moves.</summary>
    /// <param name="expiresAt">The expiry of the record.</param>
    /// <param name="now">The instant by which the store decides expiry.</param>
    /// <param name="payload">The payload of the record.</param>
    /// <param name="extended">The new expiry when true is returned.</param>
    public bool TryExtend(DateTimeOffset expiresAt, DateTimeOffset now, ReadOnlySpan<byte> payload, out DateTimeOffset extended)
    {
        extended = expiresAt;
        if (expiresAt == SessionExpiry.Never || expiresAt - now >= WhenRemainingBelow)
            return false;

        var wanted = ExtendTo.ExpiryAt(now);
        if (wanted <= expiresAt)
            return false;

        var limit = SessionPayload.SlideLimit(payload, now);
        extended = limit < wanted ? limit : wanted;
        if (extended > expiresAt)
            return true;

        extended = expiresAt;
        return false;
    }
}
