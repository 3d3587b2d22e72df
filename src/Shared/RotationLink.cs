namespace SessionStores;

/// <summary>What a store remembers of a rotation: that an id became another one. A log-out under the old id follows it, nothing else does
/// (L9, L10).</summary>
internal static class RotationLink
{
    /// <summary>The most links that are followed: no request is older than so many rotations.</summary>
    public const int MaxHops = 16;

    /// <summary>How long a link is kept: longer than a request that began under the old id.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);
}
