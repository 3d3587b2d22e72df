using System.CommandLine;

namespace SessionStores.Tool;

/// <summary>The commands; each is a file of its own.</summary>
internal static class Commands
{
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        var parsed = new RootCommand("Looks after session stores.") { KitCommand.Create() }.Parse(arguments);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }
}
