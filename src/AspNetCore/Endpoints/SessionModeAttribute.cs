namespace SessionStores.AspNetCore;

/// <summary>Says what an endpoint, action or controller wants of the session.</summary>
/// <param name="mode">What it wants.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method | AttributeTargets.Delegate)]
public sealed class SessionModeAttribute(SessionMode mode) : Attribute, ISessionModeMetadata
{
    /// <inheritdoc/>
    public SessionMode Mode { get; } = mode;
}
