using System.Diagnostics;

namespace SessionStores.Http.Run;

/// <summary>The programs that a run uses.</summary>
internal static class Programs
{
    public static string? Find(params string[] names) =>
        (from name in names
         from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         select Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Runs a program on this console and returns its exit code.</summary>
    public static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
