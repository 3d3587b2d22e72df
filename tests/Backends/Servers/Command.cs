using System.Diagnostics;

namespace SessionStores.Backends;

/// <summary>Runs a short-lived program to its end.</summary>
internal static class Command
{
    /// <summary>Runs it and returns what it wrote.</summary>
    /// <exception cref="BackendStartException">It failed; the message holds its output.</exception>
    public static async Task<string> RunAsync(
        ServerUser user, string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var line = user.Wrap([file, .. arguments], dieWithParent: false);
        var start = new ProcessStartInfo(line[0], line.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        var text = await output + await errors;
        return process.ExitCode == 0
            ? text
            : throw new BackendStartException($"{Path.GetFileName(file)} ended with code {process.ExitCode}:\n{text}");
    }

    /// <summary>The number of the main group of a user.</summary>
    public static string GroupOf(string user) =>
        File.ReadLines("/etc/passwd").Select(line => line.Split(':')).First(fields => fields[0] == user)[3];
}
