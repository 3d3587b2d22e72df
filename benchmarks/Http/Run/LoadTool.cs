using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SessionStores.Http.Load;

namespace SessionStores.Http.Run;

/// <summary>Runs wrk, or the generator of this program where wrk is not installed.</summary>
internal sealed class LoadTool(string? core, InstructionCounter counter, string folder)
{
    private readonly string? _wrk = Programs.Find("wrk");
    private readonly string _counted = Path.Combine(folder, "counted");

    public string Name => _wrk is null ? "the generator of this program" : "wrk";

    /// <summary>Loads a site.</summary>
    /// <param name="url">What is requested.</param>
    /// <param name="cookieFile">The cookies, one for each line.</param>
    /// <param name="connections">How many requests wait at the same time.</param>
    /// <param name="seconds">How long it is loaded.</param>
    /// <param name="processes">Whose instructions are counted; none for a warm-up.</param>
    public async Task<(LoadResult Result, long? Instructions)> RunAsync(Uri url, string cookieFile, int connections, int seconds, IReadOnlyCollection<int> processes)
    {
        var duration = seconds.ToString(CultureInfo.InvariantCulture);
        string[] line = _wrk is null
            ? [Environment.ProcessPath!, .. OwnAssembly(), "load", url.ToString(), cookieFile, $"{connections}", duration]
            : [_wrk, "-t1", $"-c{connections}", $"-d{duration}s", "-s", Path.Combine(AppContext.BaseDirectory, "wrk.lua"), url.ToString(), "--", cookieFile];
        if (core is not null)
            line = ["taskset", "-c", core, .. line];

        if (processes.Count > 0)
            line = counter.Around(line, processes, _counted);

        using var process = Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var result = output.Split('\n').LastOrDefault(text => text.StartsWith('{'))
            ?? throw new InvalidOperationException($"{Path.GetFileName(_wrk ?? "load")} ended with {process.ExitCode}: {output.Trim()}");
        return (JsonSerializer.Deserialize<LoadResult>(result)!, processes.Count > 0 ? await counter.ReadAsync(_counted) : null);
    }

    /// <summary>The assembly as an argument when this program runs as <c>dotnet SessionStores.Http.dll</c>.</summary>
    public static string[] OwnAssembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(LoadTool).Assembly.Location] : [];
}
