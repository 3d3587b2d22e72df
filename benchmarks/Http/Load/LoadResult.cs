namespace SessionStores.Http.Load;

/// <summary>What a load generator saw. Requests are those that were answered with success; latencies are microseconds.</summary>
internal sealed record LoadResult(long Requests, double Seconds, double P50, double P99, long Errors);
