using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;

namespace SessionStores.AspNetCore;

/// <summary>Removes expired records and counts live sessions of one set from time to time.</summary>
internal sealed class SessionHousekeeping(SessionRuntime runtime) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var store = runtime.Calls.Store;
        return Task.WhenAll(
            store is ISessionPruning { PrunesItself: false } pruning
                ? RepeatAsync(runtime.Options.PruneInterval, token => PruneAsync(pruning, token), stoppingToken)
                : Task.CompletedTask,
            store is ISessionEnumeration enumeration && runtime.Options.CountInterval != Timeout.InfiniteTimeSpan
                ? RepeatAsync(runtime.Options.CountInterval, token => CountAsync(enumeration, token), stoppingToken)
                : Task.CompletedTask);
    }

    private async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested && interval != Timeout.InfiniteTimeSpan)
        {
            await Task.Delay(Jittered(interval), runtime.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
                return;

            try
            {
                await work(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was, it is no reason to end the application.
                Log.HousekeepingFailed(runtime.Logger, failure);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task PruneAsync(ISessionPruning store, CancellationToken cancellationToken)
    {
        var removed = await store.PruneAsync(cancellationToken: cancellationToken);
        Log.Pruned(runtime.Logger, removed);
    }

    private async Task CountAsync(ISessionEnumeration store, CancellationToken cancellationToken)
    {
        try
        {
            runtime.Metrics.Counted(runtime.Name, await store.LengthAsync(cancellationToken));
        }
        catch
        {
            // A number of long ago would look like one of now.
            runtime.Metrics.Counted(runtime.Name, null);
            throw;
        }
    }

    /// <summary>Four to six fifths of the interval.</summary>
    private static TimeSpan Jittered(TimeSpan interval) => interval * (0.8 + (RandomNumberGenerator.GetInt32(401) / 1000.0));
}
