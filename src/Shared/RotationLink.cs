namespace SessionStores;

/// <summary>What a store remembers of a rotation: that an id became another one. A log-out under the old id follows it, and so does
/// a search for what it became; nothing else does (L9, L10).</summary>
internal static class RotationLink
{
    /// <summary>The most links that are followed: no request is older than so many rotations.</summary>
    public const int MaxHops = 16;

    /// <summary>How long a link is kept: longer than a request that began under the old id.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>How long ago a link was written, from what is left of its life, which may have been rounded up.</summary>
    public static TimeSpan AgeOf(TimeSpan left) => left >= Life ? TimeSpan.Zero : Life - left;
}
