using System.Diagnostics;
using System.Globalization;

namespace SessionStores.Interop.Tests.Running;

/// <summary>Installs the npm packages that the lock files pin, unless they are installed already.</summary>
internal static class NodePackages
{
    private const int OldestNode = 20;
    private static readonly string[] Folders = ["tests/Interop.Tests/node", "tests/Interop.Tests/node/older", "samples/SideBySide/express"];
    private static readonly Lazy<Task<string?>> Problem = new(InstallAsync);

    /// <summary>Skips the test without Node; fails it when <c>SESSIONSTORES_REQUIRE</c> names <c>node</c>.</summary>
    public static async Task RequireAsync()
    {
        if (await Problem.Value is not { } problem)
            return;

        var required = (Environment.GetEnvironmentVariable("SESSIONSTORES_REQUIRE") ?? "").Split(',', StringSplitOptions.TrimEntries);
        if (required.Contains("node", StringComparer.OrdinalIgnoreCase))
            Assert.Fail($"SESSIONSTORES_REQUIRE names node, but {problem}");

        Assert.Skip(problem);
    }

    private static async Task<string?> InstallAsync()
    {
        try
        {
            var (_, version) = await RunAsync(".", "node", "-p", "process.versions.node");
            if (int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture) < OldestNode)
                return $"Node {version.Trim()} is older than {OldestNode}.";

            foreach (var folder in Folders.Select(Repository.PathOf))
            {
                if (await InstallAsync(folder) is { } problem)
                    return problem;
            }

            return null;
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            return $"node and npm are not on the PATH: {failure.Message}";
        }
    }

    private static async Task<string?> InstallAsync(string folder)
    {
        var wanted = await File.ReadAllTextAsync(Path.Combine(folder, "package-lock.json"));
        var installed = Path.Combine(folder, "node_modules", ".installed");
        if (File.Exists(installed) && await File.ReadAllTextAsync(installed) == wanted)
            return null;

        var (code, output) = await RunAsync(folder, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error");
        if (code != 0)
            return $"npm ci failed in {folder}: {output}";

        await File.WriteAllTextAsync(installed, wanted);
        return null;
    }

    private static async Task<(int Code, string Output)> RunAsync(string folder, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
