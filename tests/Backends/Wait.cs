using System.Diagnostics;

namespace SessionStores.Backends;

/// <summary>Waits for a condition with a deadline, instead of for a length of time.</summary>
public static class Wait
{
    /// <summary>Checks the condition until it holds: at least once, and once more when the deadline has passed.</summary>
    /// <param name="condition">What must become true. An exception from it ends the wait.</param>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="what">What is waited for, for the message: "the replica to be in sync".</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The condition did not hold in time; the message names what was waited for.</exception>
    public static async Task UntilAsync(
        Func<CancellationToken, Task<bool>> condition, TimeSpan deadline, string what, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var watch = Stopwatch.StartNew();
        for (var pause = 2; ; pause = Math.Min(pause * 2, 50))
        {
            var late = watch.Elapsed >= deadline;
            if (await condition(cancellationToken))
                return;
            if (late)
                throw new TimeoutException($"Waited {deadline.TotalSeconds:0.###} s in vain for {what}.");
            await Task.Delay(pause, cancellationToken);
        }
    }

    /// <inheritdoc cref="UntilAsync(Func{CancellationToken, Task{bool}}, TimeSpan, string, CancellationToken)"/>
    public static Task UntilAsync(Func<bool> condition, TimeSpan deadline, string what, CancellationToken cancellationToken = default) =>
        UntilAsync(_ => Task.FromResult(condition()), deadline, what, cancellationToken);
}
