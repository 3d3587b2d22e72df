using System.CommandLine;

namespace SessionStores.Tool;

/// <summary>How a command on a store ends: with its result, or with a sentence on the error stream and the exit code for it.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(ParseResult arguments, bool json, Func<Terminal, Task<int>> run)
    {
        var terminal = new Terminal(arguments, json);
        try
        {
            return await run(terminal);
        }
        catch (UsageException failure)
        {
            await terminal.Error.WriteLineAsync(failure.Message);
            return ExitCode.Usage;
        }
        catch (SessionStoreException failure)
        {
            await terminal.Error.WriteLineAsync(failure.Message);
            await terminal.Error.WriteLineAsync("The command check with the same options says more.");
            return ExitCode.StoreFailed;
        }
    }
}
