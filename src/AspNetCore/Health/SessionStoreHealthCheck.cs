using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SessionStores.AspNetCore;

/// <summary>Reads a session that does not exist, and writes and removes one if that is configured.</summary>
internal sealed class SessionStoreHealthCheck(ISessionStore store, TimeProvider clock, TimeSpan timeout, bool probeWrites) : IHealthCheck
{
    private const string IdPrefix = "health-";
    private static readonly byte[] Payload = """{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}}"""u8.ToArray();

    private string Name => store.GetType().Name;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var probe = ProbeAsync(cancellationToken);
        try
        {
            var problem = await probe.WaitAsync(timeout, clock, cancellationToken);
            return problem is null ? HealthCheckResult.Healthy($"{Name} responds.") : Failed(context, $"{Name}: {problem}");
        }
        catch (TimeoutException) when (!probe.IsCompleted)
        {
            // Left to the store's own time-out: to cancel a call can block a thread while the server does not respond.
            probe.Abandon();
            return Failed(context, $"{Name}: {SessionStoreFault.Timeout}. It did not respond within {timeout}.");
        }
        catch (SessionStoreException failure)
        {
            // The inner exception of the driver can name servers, and health reports are often public.
            return Failed(context, $"{Name}: {failure.Fault} at {failure.Operation}.");
        }
    }

    private static HealthCheckResult Failed(HealthCheckContext context, string description) => new(context.Registration.FailureStatus, description);

    private async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        var id = IdPrefix + SessionIds.Generate();
        if (await store.GetAsync(id, cancellationToken: cancellationToken) is not null)
            return "It returned a session that was never stored.";

        if (!probeWrites)
            return null;

        var created = await store.CreateAsync(id, new SessionContent(Payload, TimeSpan.FromMinutes(1)), cancellationToken);
        if (created.Status != SessionWriteStatus.Written)
            return "It did not store a new session.";

        var isThere = await store.GetAsync(id, cancellationToken: cancellationToken) is not null;
        await store.DestroyAsync(id, cancellationToken);
        return isThere ? null : "It did not return the session that was just stored.";
    }
}
