using Microsoft.Extensions.Diagnostics.HealthChecks;
using SessionStores;
using SessionStores.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Health checks of session stores.</summary>
public static class SessionStoreHealthChecksBuilderExtensions
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Checks the store of a set of sessions by a real round trip: the read of a session that does not exist.</summary>
    /// <remarks>A report contains only the store and the <see cref="SessionStoreFault"/>: no server, no id.</remarks>
    /// <param name="builder">The health checks of the application.</param>
    /// <param name="sessionsName">The name of the set; empty for the default one.</param>
    /// <param name="name">The name of the check; null for <c>sessions</c>, or <c>sessions-</c> with the name of the set.</param>
    /// <param name="failureStatus">What a failure means; null for unhealthy.</param>
    /// <param name="tags">The tags of the check.</param>
    /// <param name="timeout">How long the check waits; null for 2 seconds.</param>
    /// <param name="probeWrites">Whether a session is also stored, read and removed, to detect a server that accepts no writes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time-out is not longer than zero.</exception>
    public static IHealthChecksBuilder AddSessionStore(
        this IHealthChecksBuilder builder,
        string sessionsName = "",
        string? name = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null,
        bool probeWrites = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(sessionsName);
        var limit = timeout ?? DefaultTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(timeout));

        return builder.Add(new HealthCheckRegistration(
            name ?? (sessionsName.Length == 0 ? "sessions" : $"sessions-{sessionsName}"),
            services => new SessionStoreHealthCheck(
                sessionsName.Length == 0 ? services.GetRequiredService<ISessionStore>() : services.GetRequiredKeyedService<ISessionStore>(sessionsName),
                services.GetRequiredService<TimeProvider>(),
                limit,
                probeWrites),
            failureStatus,
            tags));
    }
}
