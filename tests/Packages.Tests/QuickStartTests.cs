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

        using var folder = new EmptyFolder();
        var current = folder.Path;
        foreach (var command in commands)
        {
            if (command.StartsWith("cd ", StringComparison.Ordinal))
                current = Path.Combine(current, command[3..]);
            else
                await DotNetCli.RunInAsync(current, Arguments(command));
        }

        await File.WriteAllTextAsync(Path.Combine(current, "Program.cs"), program);
        Assert.Equal(
            transcript.Where(line => line[0] != '$'),
            await PlayAsync(current, folder.Path, transcript.Where(line => line[0] == '$').Select(line => line[2..]).ToList()));
        folder.PrintTime("The quick start of the README");
    }

    /// <summary>Runs the first command, which serves, and sends the requests of the others; returns what the site responds.</summary>
    private static async Task<List<string>> PlayAsync(string folder, string home, List<string> commands)
    {
        var port = RunningSite.FreePort();
        await using var site = await RunningSite.StartAsync(
            folder, home, $"http://localhost:{port}", Arguments(commands[0].Replace(Port, port, StringComparison.Ordinal)));
        if (OperatingSystem.IsLinux())
            Assert.Single(site.Lines, line => line.Contains("One was created for Development", StringComparison.Ordinal));

        using var browser = new HttpClient();
        var responses = new List<string>();
        foreach (var command in commands.Skip(1))
            responses.Add(await browser.GetStringAsync(new Uri(command.Split(' ')[^1].Replace(Port, port, StringComparison.Ordinal))));

        return responses;
    }

    private static string[] Arguments(string command)
    {
        var words = command.Split(' ');
        Assert.Equal("dotnet", words[0]);
        return words[1..];
    }

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
