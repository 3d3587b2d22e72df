using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <summary>Sets how an endpoint, action or controller uses the session.</summary>
/// <param name="mode">How it uses the session.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method | AttributeTargets.Delegate)]
public sealed class SessionModeAttribute(SessionMode mode) : Attribute
{
    /// <summary>How the endpoint uses the session.</summary>
    public SessionMode Mode { get; } = mode;

    /// <summary>The mode of the endpoint that runs now. An error page has its own.</summary>
    internal static SessionMode Of(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<SessionModeAttribute>()?.Mode ?? SessionMode.ReadWrite;
}
