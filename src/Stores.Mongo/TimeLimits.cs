using System.Collections.Concurrent;

namespace SessionStores.Mongo;

/// <summary>Ends each call after the same time. Keeps sources whose call went well for the next one, and with them their timers.</summary>
internal sealed class TimeLimits(TimeSpan time)
{
    private const int MaxKept = 64;

    private readonly ConcurrentQueue<CancellationTokenSource> _kept = new();

    /// <summary>Begins a call, which also ends with the token of its caller.</summary>
    public TimeLimit Begin(CancellationToken cancellationToken)
    {
        var source = _kept.TryDequeue(out var kept) ? kept : new CancellationTokenSource();
        source.CancelAfter(time);
        return new TimeLimit(this, source, cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), source));
    }

    private void End(CancellationTokenSource source, bool wentWell)
    {
        // After a failure the driver may still be at something with the token.
        if (!wentWell || _kept.Count >= MaxKept || !source.TryReset())
            source.Dispose();
        else
            _kept.Enqueue(source);
    }

    /// <summary>The time of one call.</summary>
    public struct TimeLimit(TimeLimits limits, CancellationTokenSource source, CancellationTokenRegistration caller) : IDisposable
    {
        private bool _wentWell;

        public readonly CancellationToken Token => source.Token;

        /// <summary>Says that nothing uses the token any more.</summary>
        public void Complete() => _wentWell = true;

        public readonly void Dispose()
        {
            // Waits for a cancellation that is just happening, so that it does not meet the next call.
            caller.Dispose();
            limits.End(source, _wentWell);
        }
    }
}
