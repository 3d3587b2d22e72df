using System.Diagnostics;
using SessionStores.Http.Sites;

namespace SessionStores.Http.Run;

/// <summary>The process that serves a contestant. It ends when its standard input does, so that nothing outlives a comparison.</summary>
internal sealed class SiteProcess : IDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private SiteProcess(Process process, Uri url, string cookieFile)
    {
        _process = process;
        Url = url;
        CookieFile = cookieFile;
    }

    public Uri Url { get; }

    /// <summary>One line for each session that was seeded.</summary>
    public string CookieFile { get; }

    public int ProcessId => _process.Id;

    public static async Task<SiteProcess> StartAsync(string[] command, bool isPinnedLater, string cookieFile)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["NODE_ENV"] = "production";
        start.Environment["DOTNET_ENVIRONMENT"] = "Production";

        // Otherwise calls are counted only after a delay, which is ten times as long on one processor.
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "0";

        // A worker that has nothing to do would give up its processor over and over before it sleeps, which counted as time for requests.
        start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";

        // The runtime sets itself up for the one processor that it will have; until then the JIT has another one to work on.
        if (isPinnedLater)
            start.Environment["DOTNET_PROCESSOR_COUNT"] = "1";

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start.");
        try
        {
            using var deadline = new CancellationTokenSource(StartDeadline);
            while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } said)
            {
                if (said.StartsWith(SiteHost.Ready, StringComparison.Ordinal))
                    return new SiteProcess(process, new Uri(said[SiteHost.Ready.Length..]), cookieFile);
            }

            throw new InvalidOperationException("It ended before it listened.");
        }
        catch
        {
            End(process);
            throw;
        }
    }

    /// <summary>Keeps the process on one processor from now on.</summary>
    public Task PinAsync(string core) => Processors.PinAsync(_process.Id, core);

    public void Dispose() => End(_process);

    private static void End(Process process)
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(3)))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
    }
}
