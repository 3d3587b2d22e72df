using Microsoft.AspNetCore.Builder;

namespace SessionStores.AspNetCore;

/// <summary>Sets how endpoints use the session.</summary>
public static class SessionEndpointExtensions
{
    /// <summary>Sets how an endpoint or a group of them uses the session. If <c>UseRouting</c> is called after
    /// <c>UseSessionStores</c>, the mode counts too, but the session is loaded before it is known; a warning says so at start.</summary>
    public static TBuilder WithSession<TBuilder>(this TBuilder builder, SessionMode mode)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(endpoint => endpoint.Metadata.Add(new SessionModeAttribute(mode)));
        return builder;
    }
}
