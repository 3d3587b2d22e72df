using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace SessionStores.Packages.Tests;

/// <summary>The quick start of the README, word by word, in an empty folder on the packages.</summary>
public sealed partial class QuickStartTests(PackageFeed feed)
{
    /// <summary>The port that the README uses; the test takes a free one in its place.</summary>
    private const string Port = "5080";

    [Fact]
    public async Task The_quick_start_of_the_README_runs_as_pasted()
    {
        feed.FileOf("SessionStores.AspNetCore");
        var readme = await File.ReadAllTextAsync(Repository.PathOf("README.md"));
        var section = readme[readme.IndexOf("## Quick start", StringComparison.Ordinal)..];
        var blocks = CodeBlock().Matches(section).Select(block => (Language: block.Groups["language"].Value, Text: block.Groups["text"].Value)).ToList();
        var commands = blocks.First(block => block.Language == "sh").Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var program = blocks.First(block => block.Language == "csharp").Text;
        var transcript = blocks.First(block => block.Language == "console").Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        var folder = Directory.CreateTempSubdirectory("sessionstores-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), $"""
                <configuration>
                  <config><add key="globalPackagesFolder" value="{Repository.PathOf("artifacts/packages-unpacked")}" /></config>
                  <packageSources><add key="packed" value="{PackageFeed.Folder}" /></packageSources>
                </configuration>
                """);
            var current = folder;
            foreach (var command in commands)
            {
                if (command.StartsWith("cd ", StringComparison.Ordinal))
                    current = Path.Combine(current, command[3..]);
                else
                    await DotNet.RunInAsync(current, Arguments(command));
            }

            await File.WriteAllTextAsync(Path.Combine(current, "Program.cs"), program);
            await DotNet.RunInAsync(current, "build", "-nologo", "-v", "q");
            Assert.Equal(transcript.Where(line => line[0] != '$'), await PlayAsync(current, folder, transcript.Where(line => line[0] == '$').Select(line => line[2..]).ToList()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs the first command, which serves, and sends the requests of the others; returns what the site responds.</summary>
    private static async Task<List<string>> PlayAsync(string folder, string home, List<string> commands)
    {
        var port = FreePort();
        var start = DotNet.StartInfo(folder, Arguments(commands[0].Replace(Port, port, StringComparison.Ordinal)));
        start.RedirectStandardError = false;
        start.Environment["XDG_DATA_HOME"] = Path.Combine(home, "data");
        start.Environment.Remove("ASPNETCORE_ENVIRONMENT");
        start.Environment.Remove("DOTNET_ENVIRONMENT");
        using var process = Process.Start(start)!;
        var lines = new List<string>();
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                lines.Add(line);
                if (line.Contains("Application started", StringComparison.Ordinal))
                    break;
            }

            Assert.Contains(lines, line => line.Contains("Application started", StringComparison.Ordinal));
            if (OperatingSystem.IsLinux())
                Assert.Single(lines, line => line.Contains("One was created for Development", StringComparison.Ordinal));

            using var browser = new HttpClient();
            var responses = new List<string>();
            foreach (var command in commands.Skip(1))
                responses.Add(await browser.GetStringAsync(new Uri(command.Split(' ')[^1].Replace(Port, port, StringComparison.Ordinal)), limit.Token));

            return responses;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    private static string[] Arguments(string command)
    {
        var words = command.Split(' ');
        Assert.Equal("dotnet", words[0]);
        return words[1..];
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
