using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SessionStores.Postgres;

/// <summary>The calls of a store, and the thread that ends those that nobody waits for any more.</summary>
/// <remarks>To cancel a statement the driver opens a connection and waits, blocking, until the server has taken the request. While a server is
/// silent this holds its thread, and must not be done on threads that other requests need.</remarks>
internal sealed class Calls(ILogger logger)
{
    private readonly ConcurrentQueue<Call> _free = new();
    private readonly Queue<(Call Call, Task Work)> _abandoned = new();
    private readonly Lock _gate = new();
    private bool _isEnding;

    public Call Begin() => _free.TryDequeue(out var call) ? call : new Call();

    /// <summary>The caller goes its way; work that is not done by then is ended on a thread of its own.</summary>
    public void End(Call call, Task work)
    {
        if (work.IsCompleted)
        {
            _free.Enqueue(call);
            return;
        }

        call.Abandon();
        _ = work.ContinueWith(static task => _ = task.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        lock (_gate)
        {
            _abandoned.Enqueue((call, work));
            if (_isEnding)
                return;

            _isEnding = true;
        }

        new Thread(EndAbandoned) { IsBackground = true, Name = "SessionStores.Postgres abandoned calls" }.Start();
    }

    private void EndAbandoned()
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
                Log.CallNotCancelled(logger, exception);
            }
        }
    }

    private bool TryTake(out Call call, out Task work)
    {
        lock (_gate)
        {
            _isEnding = _abandoned.TryDequeue(out var next);
            (call, work) = next;
            return _isEnding;
        }
    }
}
