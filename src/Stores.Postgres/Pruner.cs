using System.Security.Cryptography;

namespace SessionStores.Postgres;

/// <summary>Prunes at intervals until it is disposed. Nodes that start together do not prune together: the intervals are jittered.</summary>
internal sealed class Pruner : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <param name="prune">Removes expired records.</param>
    /// <param name="interval">The time between two runs; null for none.</param>
    /// <param name="isJittered">Whether each interval is multiplied by a random number from 0.5 to 1.5.</param>
    /// <param name="timeProvider">Tells when an interval has passed.</param>
    public Pruner(Func<CancellationToken, ValueTask<long>> prune, TimeSpan? interval, bool isJittered, TimeProvider timeProvider) =>
        _loop = interval is { } time ? RunAsync(prune, time, isJittered, timeProvider, _stop.Token) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;

        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    private static async Task RunAsync(
        Func<CancellationToken, ValueTask<long>> prune, TimeSpan interval, bool isJittered, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(isJittered ? interval * (RandomNumberGenerator.GetInt32(500, 1501) / 1000d) : interval, timeProvider, cancellationToken).ConfigureAwait(false);
                try
                {
                    await prune(cancellationToken).ConfigureAwait(false);
                }
                catch (SessionStoreException)
                {
                    // It is logged. The next run finds the same records.
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The store was disposed.
        }
    }
}
