using System.CommandLine;
using System.Text.Json;

namespace SessionStores.Tool.Tests;

/// <summary>One run of the program, in this process.</summary>
internal sealed record ToolRun(int Code, string Output, string Errors)
{
    /// <summary>The output as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public static Task<ToolRun> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    /// <param name="reply">What a person types; null without a terminal.</param>
    /// <param name="arguments">The command line.</param>
    public static async Task<ToolRun> RunAsync(string? reply, string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        using var input = reply is null ? null : new StringReader(reply);
        var code = await Commands.RunAsync(arguments, TextWriter.Synchronized(output), TextWriter.Synchronized(errors), input);
        return new ToolRun(code, output.ToString(), errors.ToString());
    }

    /// <summary>Opens the store that a command line says, as the commands do.</summary>
    public static OpenStore Open(string[] arguments)
    {
        var command = new Command("open");
        var store = new StoreArguments();
        store.AddTo(command);
        return store.Open(command.Parse(arguments));
    }
}
