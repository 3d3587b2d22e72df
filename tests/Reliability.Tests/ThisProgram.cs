using System.Diagnostics;

namespace SessionStores.Reliability.Tests;

/// <summary>Starts this program once more, as a node in a process of its own.</summary>
internal static class ThisProgram
{
    public static Process Start(params string[] arguments)
    {
        // "dotnet tests.dll" or the program itself, whichever runs this test.
        var isHosted = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet";
        var start = new ProcessStartInfo(Environment.ProcessPath!, isHosted ? [typeof(ThisProgram).Assembly.Location, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }
}
