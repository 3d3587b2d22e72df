using System.Globalization;
using System.Text.RegularExpressions;

namespace SessionStores.Backends;

/// <summary>Finds programs and asks them for their version.</summary>
internal static partial class Executable
{
    /// <summary>The full path of the first of <paramref name="names"/> on the PATH (or in the folders where Debian keeps servers), or null.</summary>
    public static string? Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (name.Contains(Path.DirectorySeparatorChar))
            {
                if (File.Exists(name))
                    return name;
                continue;
            }

            foreach (var folder in Folders())
            {
                var path = Path.Combine(folder, name);
                if (File.Exists(path))
                    return path;
            }
        }

        return null;
    }

    /// <summary>The folder that holds <c>postgres</c>, <c>initdb</c> and <c>pg_basebackup</c>, or null.</summary>
    public static string? FindPostgresFolder()
    {
        const string Debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).OrderByDescending(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var number) ? number : 0)
            : Enumerable.Empty<string>();
        // The PATH may hold links to some of the programs; the folder that they lead to holds them all.
        return Folders().Concat(versions.Select(path => Path.Combine(path, "bin")))
            .Select(folder => new FileInfo(Path.Combine(folder, "postgres")))
            .Where(postgres => postgres.Exists)
            .Select(postgres => Path.GetDirectoryName((postgres.ResolveLinkTarget(returnFinalTarget: true) ?? postgres).FullName)!)
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_basebackup")));
    }

    /// <summary>Name and version, such as <c>redis-server 7.0.15</c>.</summary>
    public static async Task<string> ReadVersionAsync(string path)
    {
        var output = await Command.RunAsync(ServerUser.Current, path, ["--version"]);
        return $"{Path.GetFileName(path)} {VersionNumber().Match(output).Value}".TrimEnd();
    }

    private static IEnumerable<string> Folders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Append("/usr/sbin");

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex VersionNumber();
}
