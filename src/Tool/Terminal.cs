using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace SessionStores.Tool;

/// <summary>Where the program reads and prints.</summary>
internal sealed class ToolConfiguration : InvocationConfiguration
{
    /// <summary>Where replies to questions come from; null without a terminal.</summary>
    public TextReader? Input { get; init; }
}

/// <summary>What a command prints: text for a person, or JSON and nothing else. Progress and questions are on the error stream.</summary>
internal sealed class Terminal
{
    private static readonly JsonSerializerOptions JsonStyle = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly TextReader? _input;
    private readonly IAnsiConsole _errorConsole;

    public Terminal(ParseResult arguments, bool isJson)
    {
        IsJson = isJson;
        Output = arguments.InvocationConfiguration.Output;
        Error = arguments.InvocationConfiguration.Error;
        _input = (arguments.InvocationConfiguration as ToolConfiguration)?.Input;
        Console = CreateConsole(Output);
        _errorConsole = CreateConsole(Error);
    }

    public bool IsJson { get; }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    public IAnsiConsole Console { get; }

    public static IAnsiConsole CreateConsole(TextWriter writer)
    {
        var output = new AnsiConsoleOutput(writer);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = output, Ansi = output.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No });
        if (!output.IsTerminal)
            console.Profile.Width = 200; // a log has no width that lines would have to be broken for

        return console;
    }

    /// <summary>Prints a result in the form that was asked for.</summary>
    public void Result(string text, object json)
    {
        if (IsJson)
            Json(json);
        else
            Output.WriteLine(text);
    }

    public void Json(object value) => Output.WriteLine(JsonSerializer.Serialize(value, JsonStyle));

    /// <summary>Asks before something is removed.</summary>
    /// <param name="question">What is about to be done.</param>
    /// <param name="yes">Whether the command line says yes already.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UsageException">There is no terminal to ask at.</exception>
    public async Task<bool> ConfirmAsync(string question, bool yes, CancellationToken cancellationToken)
    {
        if (yes)
            return true;

        if (_input is null)
            throw new UsageException($"{question} There is no terminal to ask at. Pass --yes to do it without being asked.");

        await Error.WriteAsync($"{question} [y/N] ");
        if ((await _input.ReadLineAsync(cancellationToken))?.Trim().ToUpperInvariant() is "Y" or "YES")
            return true;

        await Error.WriteLineAsync("Nothing was changed.");
        return false;
    }

    /// <summary>Runs something long, and shows how far it is where a person is looking.</summary>
    public async Task<T> ShowProgressAsync<T>(string what, Func<Action<long>, Task<T>> work) => _errorConsole.Profile.Out.IsTerminal
        ? await _errorConsole.Status().StartAsync(what.EscapeMarkup(), status => work(count => status.Status($"{what.EscapeMarkup()}: {count:N0}")))
        : await work(static _ => { });
}
