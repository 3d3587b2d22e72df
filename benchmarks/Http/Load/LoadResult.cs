namespace SessionStores.Http.Load;

/// <summary>What a load generator saw. Latencies are microseconds.</summary>
internal sealed record LoadResult(long Requests, double Seconds, double P50, double P99, long Errors);
