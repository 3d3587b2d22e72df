using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace SessionStores;

/// <summary>Ends the wait for a call when its time is over or its caller cancels it, whatever the driver does.</summary>
/// <remarks>
/// The caller stops waiting; unfinished work is cancelled on a background thread. To cancel a call some drivers connect anew and block until
/// the server has taken the request. While a server is silent that holds its thread, and so it must not be done on threads that requests need.
/// </remarks>
/// <param name="limit">The time that a call has.</param>
/// <param name="cancellationFailed">Logs that abandoned work could not be cancelled.</param>
/// <param name="clock">Measures the time; null for the system's clock.</param>
internal sealed class Deadline(TimeSpan limit, Action<Exception> cancellationFailed, TimeProvider? clock = null)
{
    private const int MaxKept = 64;

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly ConcurrentQueue<Call> _kept = new();
    private readonly Queue<(Call Call, Task Work)> _abandoned = new();
    private readonly Lock _gate = new();
    private bool _isCancelling;

    /// <summary>The start of a call.</summary>
    public long Start() => _clock.GetTimestamp();

    /// <summary>The time that is left of a call; zero when it is over.</summary>
    public TimeSpan Remaining(long started)
    {
        var remaining = limit - _clock.GetElapsedTime(started);
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }

    /// <summary>Waits, for the rest of the call's time, for work of a driver that takes no token.</summary>
    /// <exception cref="TimeoutException">The time is over.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public Task<T> WaitAsync<T>(Task<T> work, long started, CancellationToken cancellationToken) =>
        work.IsCompleted ? work : work.WaitAsync(Remaining(started), _clock, cancellationToken);

    /// <summary>Runs work of a driver that takes a token. It is cancelled, in the background, when the wait ended before the work.</summary>
    /// <param name="state">What <paramref name="start"/> needs, so that it captures nothing.</param>
    /// <param name="start">Starts the work.</param>
    /// <param name="started">When the call began (<see cref="Start"/>).</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <exception cref="TimeoutException">The time is over.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T> RunAsync<TState, T>(TState state, Func<TState, Call, Task<T>> start, long started, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var call = _kept.TryDequeue(out var kept) ? kept : new Call();
        var work = start(state, call);
        try
        {
            return await work.WaitAsync(Remaining(started), _clock, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!work.IsCompleted)
                Abandon(call, work);
            else if (work.IsCompletedSuccessfully && _kept.Count < MaxKept)
                _kept.Enqueue(call); // after a failure the driver may still be at something with the token
        }
    }

    private void Abandon(Call call, Task work)
    {
        call.Abandon();

        // Its exception must not surface as an unobserved one.
        _ = work.ContinueWith(static task => _ = task.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        lock (_gate)
        {
            _abandoned.Enqueue((call, work));
            if (_isCancelling)
                return;

            _isCancelling = true;
        }

        new Thread(CancelAbandoned) { IsBackground = true, Name = "SessionStores abandoned calls" }.Start();
    }

    private void CancelAbandoned()
    {
        while (TryTake(out var call, out var work))
        {
            if (work.IsCompleted)
                continue;

            try
            {
                call.Cancel();
            }
            catch (AggregateException exception)
            {
                cancellationFailed(exception);
            }
        }
    }

    private bool TryTake(out Call call, out Task work)
    {
        lock (_gate)
        {
            _isCancelling = _abandoned.TryDequeue(out var next);
            (call, work) = next;
            return _isCancelling;
        }
    }

    /// <summary>A call that its caller may stop waiting for. It has no timer, and so nothing that would have to be disposed.</summary>
    internal sealed class Call : CancellationTokenSource
    {
        private volatile bool _isAbandoned;

        /// <summary>Says that the result is no longer waited for, so that no further step is started.</summary>
        public void Abandon() => _isAbandoned = true;

        /// <summary>Keeps a step from running long after its caller was told that the call failed.</summary>
        /// <exception cref="OperationCanceledException">The result is no longer waited for.</exception>
        public void ThrowIfAbandoned()
        {
            if (_isAbandoned)
                throw new OperationCanceledException("The caller no longer waits for this call.");
        }
    }
}
