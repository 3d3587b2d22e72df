using System.Diagnostics;
using System.Globalization;
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

    /// <summary>What the process has used of the processor.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<SiteProcess> StartAsync(IEnumerable<string> command, string? core, string cookieFile)
    {
        string[] line = core is null ? [.. command] : ["taskset", "-c", core, .. command];
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["NODE_ENV"] = "production";
        start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{line[0]} did not start.");
        using var deadline = new CancellationTokenSource(StartDeadline);
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } said)
        {
            if (said.StartsWith(SiteHost.Ready, StringComparison.Ordinal))
                return new SiteProcess(process, new Uri(said[SiteHost.Ready.Length..]), cookieFile);
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', line)} ended before it listened."));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(3)))
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
