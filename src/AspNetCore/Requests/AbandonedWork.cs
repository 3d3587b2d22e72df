namespace SessionStores.AspNetCore;

/// <summary>Abandoned work.</summary>
internal static class AbandonedWork
{
    /// <summary>Lets it end by itself. If it fails, its exception counts as observed.</summary>
    public static void Abandon(this Task work) =>
        _ = work.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
