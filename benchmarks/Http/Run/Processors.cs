using System.Diagnostics;

namespace SessionStores.Http.Run;

/// <summary>The processors that a run is spread over: one for the servers under test, another for everything that loads them.</summary>
internal static class Processors
{
    /// <summary>Chooses the first two processors that this process may use, unless the command line names some; one processor is not divided.</summary>
    public static RunArguments Choose(RunArguments arguments)
    {
        if (arguments.ServerCore is not null || Programs.Find("taskset") is null || !OperatingSystem.IsLinux())
            return arguments;

        using var self = Process.GetCurrentProcess();
        var allowed = (ulong)self.ProcessorAffinity;
        return Enumerable.Range(0, 64).Where(core => (allowed >> core & 1) == 1).Take(2).ToArray() is [var server, var load]
            ? arguments with { ServerCore = $"{server}", LoadCore = $"{load}" }
            : arguments;
    }

    /// <summary>Keeps all threads of a process, and what it starts later, on one processor.</summary>
    public static async Task PinAsync(int process, string core)
    {
        using var taskset = Process.Start(new ProcessStartInfo("taskset", ["-acp", core, $"{process}"]) { RedirectStandardOutput = true })!;
        await taskset.StandardOutput.ReadToEndAsync();
        await taskset.WaitForExitAsync();
        if (taskset.ExitCode != 0)
            throw new InvalidOperationException($"Process {process} could not be pinned to processor {core}.");
    }
}
