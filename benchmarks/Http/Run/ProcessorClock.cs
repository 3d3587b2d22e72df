using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SessionStores.Http.Run;

/// <summary>The processor time, user and system, that processes have used.</summary>
internal static class ProcessorClock
{
    /// <summary>What Linux adds to the complement of a process id to name the clock of the time for which it was scheduled.</summary>
    private const int Scheduled = 2;

    public static Dictionary<int, TimeSpan> Read(IEnumerable<int> processes) => processes.Distinct().ToDictionary(process => process, Read);

    /// <summary>What was used between two readings. A process that has started in between counts from its start.</summary>
    public static TimeSpan Between(Dictionary<int, TimeSpan> before, Dictionary<int, TimeSpan> after)
    {
        var used = TimeSpan.Zero;
        foreach (var (process, time) in after)
            used += time > before.GetValueOrDefault(process) ? time - before.GetValueOrDefault(process) : TimeSpan.Zero;

        return used;
    }

    private static TimeSpan Read(int process)
    {
        if (OperatingSystem.IsLinux())
            return GetTime((~process << 3) | Scheduled, out var time) == 0 ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / 100) : TimeSpan.Zero;

        using var found = Process.GetProcessById(process);
        return found.TotalProcessorTime;
    }

    // Process.TotalProcessorTime has steps of 10 ms, which is a hundredth of a measurement.
    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
