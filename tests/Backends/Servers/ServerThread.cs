using System.Collections.Concurrent;
using System.Diagnostics;

namespace SessionStores.Backends;

/// <summary>
/// Starts processes on one thread that lives as long as this process. The kernel's parent-death signal is bound to the starting *thread*;
/// from a pool thread a server would die whenever the pool retires that thread.
/// </summary>
internal static class ServerThread
{
    private static readonly BlockingCollection<Action> Work = [];

    static ServerThread()
    {
        var thread = new Thread(() =>
        {
            foreach (var action in Work.GetConsumingEnumerable())
                action();
        })
        {
            IsBackground = true,
            Name = "test servers",
        };
        thread.Start();
    }

    public static Task<Process> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        return started.Task;
    }
}
