namespace SessionStores.Http.Run;

/// <summary>One run of the load generator against one contestant.</summary>
/// <param name="RequestsPerSecond">Successful answers per second.</param>
/// <param name="P50">The median latency in microseconds.</param>
/// <param name="P99">The latency that 99 of 100 requests do not exceed, in microseconds.</param>
/// <param name="ProcessorMicroseconds">Processor time of the server process per request, user and system; no number where nothing was answered.</param>
/// <param name="Busy">The share of the time in which the server process was running; well below 1 something else was the limit.</param>
/// <param name="Errors">Failed connections, time-outs and answers other than success.</param>
internal sealed record Measurement(double RequestsPerSecond, double P50, double P99, double ProcessorMicroseconds, double Busy, long Errors);
