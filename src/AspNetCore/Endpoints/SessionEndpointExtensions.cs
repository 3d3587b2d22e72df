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

    /// <summary>Lets only users in who have been authenticated recently, such as before a change of the password ("step-up").</summary>
    /// <remarks>What counts is <see cref="HttpSession.AuthenticatedAt"/> of the session of the default set, or the sign-in of a scheme with
    /// <c>AddSessionTickets</c>; the later of both. Anyone else gets the challenge of the default scheme, such as the redirect to the log-in page of cookie
    /// authentication, or 401 where the application has no such scheme. The log-in calls <see cref="HttpSession.MarkAuthenticated"/>, or signs in
    /// again. Whether the user may use the endpoint at all is a question for authorization.</remarks>
    /// <param name="builder">The endpoint, or a group of them.</param>
    /// <param name="maxAge">How long ago that may be.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not positive.</exception>
    public static TBuilder RequireRecentSignIn<TBuilder>(this TBuilder builder, TimeSpan maxAge)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(maxAge, TimeSpan.Zero);
        builder.Finally(endpoint =>
        {
            if (endpoint.RequestDelegate is { } next)
                endpoint.RequestDelegate = new RecentSignIn(next, maxAge).InvokeAsync;
        });
        return builder;
    }
}
