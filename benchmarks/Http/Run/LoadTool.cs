using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SessionStores.Http.Load;

namespace SessionStores.Http.Run;

/// <summary>Runs wrk, or the generator of this program where wrk is not installed.</summary>
internal sealed class LoadTool(string? core)
{
    private readonly string? _wrk = Programs.Find("wrk");

    public string Name => _wrk is null ? "the generator of this program" : "wrk";

    public async Task<LoadResult> RunAsync(Uri url, string cookieFile, int connections, double seconds)
    {
        var duration = ((int)Math.Ceiling(seconds)).ToString(CultureInfo.InvariantCulture);
        string[] line = _wrk is null
            ? [Environment.ProcessPath!, .. OwnAssembly(), "load", url.ToString(), cookieFile, $"{connections}", duration]
            : [_wrk, "-t1", $"-c{connections}", $"-d{duration}s", "-s", Path.Combine(AppContext.BaseDirectory, "wrk.lua"), url.ToString(), "--", cookieFile];
        if (core is not null)
            line = ["taskset", "-c", core, .. line];

        using var process = Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var result = output.Split('\n').LastOrDefault(text => text.StartsWith('{'));
        return result is null
            ? throw new InvalidOperationException($"{Path.GetFileName(_wrk ?? "load")} ended with {process.ExitCode}: {output.Trim()}")
            : JsonSerializer.Deserialize<LoadResult>(result)!;
    }

    /// <summary>The assembly as an argument when this program runs as <c>dotnet SessionStores.Http.dll</c>.</summary>
    public static string[] OwnAssembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(LoadTool).Assembly.Location] : [];
}
