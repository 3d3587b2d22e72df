using System.Security.Cryptography;

namespace SessionStores.Backends;

/// <summary>An empty PostgreSQL data folder, made once per process by <c>initdb</c> and copied for each server: a copy is several times faster.</summary>
internal static class PostgresTemplate
{
    public const string SuperUser = "postgres";
    private static readonly Lazy<Task<TemporaryFolder>> Made = new(MakeAsync);

    /// <summary>The password of the superuser, drawn anew for each process.</summary>
    public static string Password { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

    /// <summary>Makes the data folder of a new server.</summary>
    public static async Task CopyAsync(ServerUser user, string data)
    {
        var template = await Made.Value;
        await Command.RunAsync(user, "cp", ["-a", Path.Combine(template.FullPath, "data"), data]);
    }

    private static async Task<TemporaryFolder> MakeAsync()
    {
        var user = ServerUser.NotRoot()!;
        var folder = await TemporaryFolder.CreateAsync(user);
        var passwordFile = Path.Combine(folder.FullPath, "password");
        await File.WriteAllTextAsync(passwordFile, Password);
        await user.OwnAsync(passwordFile);
        await Command.RunAsync(
            user, Path.Combine(Executable.FindPostgresFolder()!, "initdb"),
            [
                "-D", Path.Combine(folder.FullPath, "data"), "-U", SuperUser, "-A", "scram-sha-256", $"--pwfile={passwordFile}",
                "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions",
            ]);
        return folder;
    }
}
