using System.Diagnostics;
using System.Runtime;

namespace SessionStores.Benchmarks.Targets;

/// <summary>Waits for the code that is going to be measured to be compiled for the last time.</summary>
internal static class Compiler
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Single methods that are seldom called are compiled as long as the process runs.</summary>
    private const long Stragglers = 10;

    /// <summary>Runs something until almost no method is compiled, neither by it nor in the background afterwards.</summary>
    public static async Task WarmAsync(string what, Func<Task> calls)
    {
        var clock = Stopwatch.StartNew();
        long before;
        do
        {
            before = JitInfo.GetCompiledMethodCount();
            await calls();
            await Task.Delay(Pause);
            if (clock.Elapsed > Limit)
            {
                Console.WriteLine($"NOT WARM: {what}: still compiling after {clock.Elapsed.TotalSeconds:F0} s");
                return;
            }
        }
        while (JitInfo.GetCompiledMethodCount() - before > Stragglers);
    }
}
