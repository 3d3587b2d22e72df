using System.Security.Cryptography;
using System.Text;

namespace SessionStores.AspNetCore;

/// <summary>The secret of one application on one developer's machine: created once, and kept in a file that only its user can read.</summary>
internal static class DevelopmentSecret
{
    private const int Bytes = 32;

    /// <summary>Where such secrets are kept; empty if the user has no folder for the data of applications.</summary>
    public static string Folder =>
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } data ? Path.Combine(data, "SessionStores") : "";

    /// <summary>The file of an application, in a folder of its own: by the application's name, and by its path, since many are called the same.</summary>
    public static string FileOf(string folder, string applicationName, string contentRoot)
    {
        var name = string.Concat(applicationName.Select(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' ? character : '_'));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(contentRoot)))[..12];
        return Path.Combine(folder, $"{name}-{hash}", "secret");
    }

    /// <summary>Reads the secret, or creates it. Of several processes that create it at once, all get that of the first.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read or written.</exception>
    public static (string Secret, bool IsNew) FindOrCreate(string file)
    {
        if (File.Exists(file))
            return (Read(file), false);

        // The folder is moved, not the file: a folder is never moved onto one that holds a file, and the system decides that in one step.
        // File.Move looks first whether the file exists, and then replaces what another process has written in the meantime.
        var folder = Path.GetDirectoryName(file)!;
        var draft = $"{folder}.{SessionIds.Generate()}";
        var secret = Create();
        Directory.CreateDirectory(draft);
        Write(Path.Combine(draft, Path.GetFileName(file)), secret);
        try
        {
            Directory.Move(draft, folder);
            return (secret, true);
        }
        catch (IOException) when (File.Exists(file))
        {
            Directory.Delete(draft, recursive: true);
            return (Read(file), false);
        }
    }

    /// <summary>A new secret, as <c>openssl rand -base64 32</c> prints it.</summary>
    public static string Create() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));

    private static string Read(string file) => File.ReadAllText(file).Trim();

    private static void Write(string file, string secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        using var writer = new StreamWriter(file, options);
        writer.Write(secret);
    }
}
