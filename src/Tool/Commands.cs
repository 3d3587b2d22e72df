using System.CommandLine;

namespace SessionStores.Tool;

/// <summary>The commands; each is a file of its own.</summary>
internal static class Commands
{
    /// <param name="arguments">The command line.</param>
    /// <param name="output">Takes the results.</param>
    /// <param name="error">Takes failures, progress and questions.</param>
    /// <param name="input">Where replies to questions come from; null without a terminal.</param>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error, TextReader? input = null)
    {
        var root = new RootCommand("Looks after sessions and their stores.")
        {
            new CheckCommand(), new ListCommand(), new ShowCommand(), new EndCommand(), new CountCommand(), new PruneCommand(), new MoveCommand(), new BenchCommand(), KitCommand.Create(),
        };
        var parsed = root.Parse(arguments);
        var code = await parsed.InvokeAsync(new ToolConfiguration { Output = output, Error = error, Input = input });
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }
}
