using Microsoft.AspNetCore.Builder;

namespace SessionStores.AspNetCore;

/// <summary>Says what endpoints want of the session.</summary>
public static class SessionEndpointExtensions
{
    /// <summary>Says what an endpoint or a group of them wants of the session. Needs <c>UseRouting</c> before <c>UseSessionStores</c>, which
    /// <c>WebApplication</c> arranges by itself.</summary>
    public static TBuilder WithSession<TBuilder>(this TBuilder builder, SessionMode mode)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(endpoint => endpoint.Metadata.Add(new SessionModeAttribute(mode)));
        return builder;
    }
}
