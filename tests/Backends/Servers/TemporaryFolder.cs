using System.Globalization;
using System.Security.Cryptography;

namespace SessionStores.Backends;

/// <summary>
/// A folder for the data of a backend. Its name holds the id of the process that made it, and a later run removes what a killed run left.
/// </summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Prefix = "sessionstores-run-";
    private static readonly Lock Sweep = new();
    private static bool _swept;

    private TemporaryFolder(string path) => FullPath = path;

    public string FullPath { get; }

    /// <summary>Makes a folder that only <paramref name="owner"/> (or, when null, the current user) can enter.</summary>
    public static async Task<TemporaryFolder> CreateAsync(ServerUser owner)
    {
        SweepOnce();
        var random = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5));
        var path = Path.Combine(Path.GetTempPath(), $"{Prefix}{Environment.ProcessId}-{random}");
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await owner.OwnAsync(path);
        var folder = new TemporaryFolder(path);
        AtProcessExit.Register(folder, folder.Dispose);
        return folder;
    }

    public void Dispose()
    {
        AtProcessExit.Forget(this);
        Delete(FullPath);
    }

    private static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Someone else was first.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The temporary folder {path} could not be removed: {exception.Message}");
        }
    }

    private static void SweepOnce()
    {
        lock (Sweep)
        {
            if (_swept)
                return;
            _swept = true;
        }

        foreach (var path in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var owner = Path.GetFileName(path)[Prefix.Length..].Split('-')[0];
            if (int.TryParse(owner, CultureInfo.InvariantCulture, out var id) && !ProcessTree.Exists(id))
                Delete(path);
        }
    }
}
