using System.Diagnostics;

namespace SessionStores.Packages.Tests;

/// <summary>The dotnet command.</summary>
internal static class DotNet
{
    /// <summary>Runs a command that must succeed, and returns its output.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output) = await TryAsync(arguments);
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)} exited with code {code}:\n{output}");
        return output;
    }

    /// <summary>Runs a command, and returns its exit code and output.</summary>
    public static async Task<(int Code, string Output)> TryAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Build servers that outlive the command would keep its output open; and a run of dotnet test sets variables for its own build.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["SESSIONSTORES_REPORTS"] = Repository.PathOf("artifacts/conformance");

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
