using System.Diagnostics;

namespace SessionStores.Interop.Tests.Sites;

/// <summary>A program that serves a site and says on a line of its output where.</summary>
internal sealed class StartedProgram : Site
{
    private readonly Process _process;

    private StartedProgram(Process process, Uri address)
        : base(Runtime.DotNet, address)
    {
        _process = process;
    }

    /// <param name="announcement">What stands before the address on the line.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<StartedProgram> StartAsync(string announcement, string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith(announcement, StringComparison.Ordinal))
                return new StartedProgram(process, new Uri(line[announcement.Length..].Split(' ')[0]));
        }

        throw new InvalidOperationException($"{program} ended before it said '{announcement}'.");
    }

    public override async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        await base.DisposeAsync();
    }
}
