namespace SessionStores.AspNetCore;

/// <summary>Work that nobody waits for any more.</summary>
internal static class AbandonedWork
{
    /// <summary>Lets it end by itself; its exception, if there comes one, counts as seen.</summary>
    public static void Abandon(this Task work) =>
        _ = work.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
