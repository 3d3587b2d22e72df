using System.Diagnostics;

namespace SessionStores.Tests;

/// <summary>The dotnet command.</summary>
internal static class DotNetCli
{
    /// <summary>Runs a command in the repository that must succeed, and returns its output.</summary>
    public static Task<string> RunAsync(params string[] arguments) => RunInAsync(Repository.Root, arguments);

    /// <summary>Runs a command in a folder that must succeed, and returns its output.</summary>
    public static async Task<string> RunInAsync(string folder, params string[] arguments)
    {
        var (code, output) = await TryInAsync(folder, arguments);
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)} exited with code {code}:\n{output}");
        return output;
    }

    /// <summary>Runs a command in the repository, and returns its exit code and output.</summary>
    public static Task<(int Code, string Output)> TryAsync(params string[] arguments) => TryInAsync(Repository.Root, arguments);

    /// <summary>A command in a folder, ready to start.</summary>
    public static ProcessStartInfo StartInfo(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
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
        return start;
    }

    private static async Task<(int Code, string Output)> TryInAsync(string folder, string[] arguments)
    {
        using var process = Process.Start(StartInfo(folder, arguments))!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
