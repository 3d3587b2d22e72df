using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SessionStores.Packages.Tests;

/// <summary>An application that is published outside of the repository's settings, on the packages only.</summary>
internal static partial class Application
{
    /// <summary>Publishes an application, which must build without trim or AOT warnings about our assemblies, and returns its folder.</summary>
    public static async Task<string> PublishAsync(string label, string name, params string[] arguments)
    {
        var source = Repository.PathOf("tests/Packages.Tests/Applications");
        var folder = Path.Combine(PackageFeed.Work, label);
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(source).Concat(Directory.GetFiles(Path.Combine(source, name))))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));

        var output = await DotNetCli.RunAsync(["publish", folder, "-c", "Release", "-o", Path.Combine(folder, "out"), "-nologo", "-v", "q", .. arguments]);

        Assert.DoesNotContain(output.Split('\n'), line => TrimWarning().IsMatch(line) && line.Contains("SessionStores", StringComparison.Ordinal));
        return Path.Combine(folder, "out");
    }

    /// <summary>Starts a site, makes three requests, and returns the responses.</summary>
    public static async Task<string[]> VisitAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        try
        {
            const string Announcement = "listening on ";
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            var line = await process.StandardOutput.ReadLineAsync(limit.Token);
            Assert.True(line?.StartsWith(Announcement, StringComparison.Ordinal), $"The site must print its address, but it printed: {line}");

            using var client = new HttpClient { BaseAddress = new Uri(line![Announcement.Length..]) };
            return [await client.GetStringAsync("/"), await client.GetStringAsync("/"), await client.GetStringAsync("/end")];
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    [GeneratedRegex("warning (IL|AOT)[0-9]+")]
    private static partial Regex TrimWarning();
}
