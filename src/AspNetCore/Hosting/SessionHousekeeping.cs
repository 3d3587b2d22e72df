using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;

namespace SessionStores.AspNetCore;

/// <summary>Removes expired records and counts live sessions of one set at intervals. The only owner of pruning in a host.</summary>
internal sealed class SessionHousekeeping(SessionRuntime runtime) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var store = runtime.Calls.Store;
        return Task.WhenAll(
            RemoveExpiredAsync(store, stoppingToken),
            store.GetCapability<ISessionEnumeration>() is { } enumeration && runtime.Set.Options.CountInterval != Timeout.InfiniteTimeSpan
                ? RepeatAsync(runtime.Set.Options.CountInterval, token => CountAsync(enumeration, token), stoppingToken)
                : Task.CompletedTask);
    }

    private async Task RemoveExpiredAsync(ISessionStore store, CancellationToken stoppingToken)
    {
        if (runtime.Set.Events.IsOn)
        {
            if (store.GetCapability<ISessionExpirations>() is { } expirations)
            {
                var events = new ExpiryEvents(runtime.Set, runtime.Calls, expirations);

                // The first time at once: what expired while the application was stopped, and a store in memory keeps expired sessions from then on.
                await TryAsync(events.DeliverAsync, stoppingToken);
                await RepeatAsync(runtime.Set.Options.PruneInterval, events.DeliverAsync, stoppingToken);
                return;
            }

            Log.ExpiriesNotReported(runtime.Set.Logger, store.GetType().Name);
        }

        if (store.GetCapability<ISessionPruning>() is { PrunesItself: false } pruning)
            await RepeatAsync(runtime.Set.Options.PruneInterval, token => PruneAsync(pruning, token), stoppingToken);
    }

    private async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested && interval != Timeout.InfiniteTimeSpan)
        {
            await Task.Delay(Jittered(interval), runtime.Set.Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stoppingToken.IsCancellationRequested)
                await TryAsync(work, stoppingToken);
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        try
        {
            await work(stoppingToken);
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            // No failure of housekeeping is a reason to stop the application.
            Log.HousekeepingFailed(runtime.Set.Logger, failure);
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    private async Task PruneAsync(ISessionPruning store, CancellationToken cancellationToken)
    {
        var removed = await runtime.Calls.PruneAsync(store, cancellationToken);
        Log.Pruned(runtime.Set.Logger, removed);
    }

    private async Task CountAsync(ISessionEnumeration store, CancellationToken cancellationToken)
    {
        try
        {
            runtime.Set.Metrics.Counted(runtime.Set.Name, await runtime.Calls.CountAsync(store, cancellationToken));
        }
        catch
        {
            // An old number would look like a current one.
            runtime.Set.Metrics.Counted(runtime.Set.Name, null);
            throw;
        }
    }

    /// <summary>Four to six fifths of the interval, so that nodes do not work at the same time.</summary>
    private static TimeSpan Jittered(TimeSpan interval) => interval * (0.8 + (RandomNumberGenerator.GetInt32(401) / 1000.0));
}
