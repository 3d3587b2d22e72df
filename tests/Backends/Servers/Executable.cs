using System.Diagnostics;

namespace SessionStores.Backends;

/// <summary>Finds programs and runs short-lived ones to their end.</summary>
internal static class Executable
{
    /// <summary>The full path of the first of <paramref name="names"/> on the PATH (or in <c>/usr/sbin</c>, where Debian keeps servers), or null.</summary>
    public static string? Find(params string[] names) =>
        names.SelectMany(name => Folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>The folder that holds <c>postgres</c>, <c>initdb</c> and <c>pg_basebackup</c>, or null.</summary>
    public static string? FindPostgresFolder()
    {
        const string Debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(Debian) ? Directory.GetDirectories(Debian).OrderDescending(StringComparer.Ordinal) : Enumerable.Empty<string>();
        // The PATH may hold links to some of the programs; the folder that they lead to holds them all.
        return Folders.Concat(versions.Select(path => Path.Combine(path, "bin")))
            .Select(folder => new FileInfo(Path.Combine(folder, "postgres")))
            .Where(postgres => postgres.Exists)
            .Select(postgres => Path.GetDirectoryName((postgres.ResolveLinkTarget(returnFinalTarget: true) ?? postgres).FullName)!)
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_basebackup")));
    }

    /// <summary>Runs a program as a user.</summary>
    /// <exception cref="BackendStartException">It failed; the message holds its output.</exception>
    public static async Task RunAsync(
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
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new BackendStartException($"{Path.GetFileName(file)} ended with code {process.ExitCode}:\n{string.Concat(texts)}");
    }

    private static IEnumerable<string> Folders =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Append("/usr/sbin");
}
