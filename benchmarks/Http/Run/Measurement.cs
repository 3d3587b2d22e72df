namespace SessionStores.Http.Run;

/// <summary>One run of the load generator against one contestant.</summary>
/// <param name="Requests">Successful responses.</param>
/// <param name="Seconds">How long it ran.</param>
/// <param name="P50">The median latency in microseconds.</param>
/// <param name="P99">The latency that 99 of 100 requests do not exceed, in microseconds.</param>
/// <param name="SiteMicroseconds">Processor time of the site per request, user and system.</param>
/// <param name="ServerMicroseconds">Processor time of the site's server per request, user and system; 0 where the store has none.</param>
/// <param name="Instructions">Instructions of both per request; null where the processor does not count them.</param>
/// <param name="Commands">Commands of the server per request; null where it does not count them.</param>
/// <param name="Errors">Failed connections, time-outs and responses other than success.</param>
internal sealed record Measurement(
    long Requests, double Seconds, double P50, double P99, double SiteMicroseconds, double ServerMicroseconds, double? Instructions, double? Commands, long Errors)
{
    public double RequestsPerSecond => Requests / Seconds;

    /// <summary>Processor time of site and server together per request.</summary>
    public double Microseconds => SiteMicroseconds + ServerMicroseconds;
}
