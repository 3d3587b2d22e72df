using Microsoft.AspNetCore.Builder;

namespace SessionStores.AspNetCore;

/// <summary>Sets how endpoints use the session.</summary>
public static class SessionEndpointExtensions
{
    /// <summary>Sets how an endpoint or a group of them uses the session. Needs <c>UseRouting</c> before <c>UseSessionStores</c>, which
    /// <c>WebApplication</c> does by default.</summary>
    public static TBuilder WithSession<TBuilder>(this TBuilder builder, SessionMode mode)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(endpoint => endpoint.Metadata.Add(new SessionModeAttribute(mode)));
        return builder;
    }
}
