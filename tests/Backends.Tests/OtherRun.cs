using System.Diagnostics;
using System.Globalization;

namespace SessionStores.Backends.Tests;

/// <summary>This program, started once more as a test run that leaves its servers.</summary>
internal sealed class OtherRun : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private OtherRun(Process process, int server) => (Process, Server) = (process, server);

    public Process Process { get; }

    /// <summary>The id of its local server.</summary>
    public int Server { get; }

    /// <summary>Starts it, and waits until it has started its servers.</summary>
    /// <param name="containers">Whether it starts containers too.</param>
    /// <param name="waits">Whether it waits to be killed afterwards, instead of ending.</param>
    /// <param name="run">The id of the process that acts as <c>eng/test</c>.</param>
    public static async Task<OtherRun> StartAsync(bool containers, bool waits, int? run = null)
    {
        var report = Path.GetTempFileName();
        string[] arguments = [LeftServer.Command, report, containers ? "containers" : "binaries", waits ? "wait" : "end"];

        // "dotnet tests.dll" or the program itself, whichever runs this test.
        var isHosted = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet";
        var start = new ProcessStartInfo(Environment.ProcessPath!, isHosted ? [typeof(OtherRun).Assembly.Location, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (run is not null)
            start.Environment[KilledRuns.Variable] = $"{run}";
        var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        await Wait.UntilAsync(() => process.HasExited || File.ReadAllText(report).EndsWith('\n'), Deadline, "the other test run to report its server");
        var server = await File.ReadAllTextAsync(report);
        File.Delete(report);
        Assert.True(server.Length > 0, process.HasExited ? await output : "");
        return new OtherRun(process, int.Parse(server, CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        if (!Process.HasExited)
            Process.Kill(entireProcessTree: true);
        Process.Dispose();
    }
}
