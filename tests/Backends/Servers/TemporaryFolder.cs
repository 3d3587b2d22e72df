using System.Globalization;

namespace SessionStores.Backends;

/// <summary>
/// A folder for the data of a server. Its name holds the id of the process that created it, and a later run removes what a killed run left.
/// </summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Prefix = "sessionstores-run-";
    private static readonly Lazy<bool> Swept = new(Sweep);

    private TemporaryFolder(string path) => FullPath = path;

    public string FullPath { get; }

    /// <summary>Creates a folder that only <paramref name="owner"/> can enter.</summary>
    public static async Task<TemporaryFolder> CreateAsync(ServerUser owner)
    {
        _ = Swept.Value;
        // Others cannot enter a folder that this method creates.
        var folder = new TemporaryFolder(Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId}-").FullName);
        await owner.OwnAsync(folder.FullPath);
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
            // Another run was first.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The temporary folder {path} could not be removed: {exception.Message}");
        }
    }

    private static bool Sweep()
    {
        foreach (var path in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var owner = Path.GetFileName(path)[Prefix.Length..].Split('-')[0];
            if (int.TryParse(owner, CultureInfo.InvariantCulture, out var id) && !ProcessTree.Exists(id))
                Delete(path);
        }

        return true;
    }
}
