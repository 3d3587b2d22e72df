using System.CommandLine;
using Spectre.Console;

namespace SessionStores.Tool;

/// <summary><c>sessionstores check</c>: whether a store can be used, and what to do where it cannot.</summary>
internal sealed class CheckCommand : StoreCommand
{
    /// <summary>An id that no session has: ids are random.</summary>
    public const string MissingId = "sessionstores-check";

    private readonly Option<bool> _setUp = new("--set-up") { Description = "Creates the table or the indexes that are missing, instead of only reporting them." };

    public CheckCommand()
        : base("check", "Checks whether the store can be used: connection, set-up, rights, and the settings of the server that matter. Tries a session of its own, which it removes. Exits with 1 when something keeps the store from working.") =>
        Options.Add(_setUp);

    protected override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var store = OpenNew(arguments);
        await using var old = OpenOld(arguments);
        var setsUp = arguments.GetValue(_setUp);
        var report = await CheckAsync(store, setsUp, cancellationToken);
        var reportOfOld = old is null ? null : await CheckAsync(old, setsUp: false, cancellationToken);

        Print(terminal, store, report, old, reportOfOld);
        return report.IsUsable && reportOfOld is null or { IsUsable: true } ? ExitCode.Success : ExitCode.Failure;
    }

    private static async Task<CheckReport> CheckAsync(OpenStore store, bool setsUp, CancellationToken cancellationToken)
    {
        var report = new CheckReport();
        var rights = RightsOf(store);
        try
        {
            await InspectAsync(store, setsUp, report, cancellationToken);
            if (report.IsSetUp)
                await ProbeCheck.RunAsync(store, report, rights, cancellationToken);
        }
        catch (SessionStoreException failure)
        {
            report.Fail(failure.Operation == "SetUp" ? "set-up" : "connection", failure, rights);
        }

        return report;
    }

    private static Task InspectAsync(OpenStore store, bool setsUp, CheckReport report, CancellationToken cancellationToken)
    {
        switch (store.Provider)
        {
            case "Redis":
                return RedisCheck.RunAsync(store, report, cancellationToken);
            case "Postgres":
                return PostgresCheck.RunAsync(store, setsUp, report, cancellationToken);
            case "Mongo":
                return MongoCheck.RunAsync(store, setsUp, report, cancellationToken);
            default:
                report.Warn("connection", "The sessions are in the memory of one process, here of this command.", "Use a store on a server where sessions must outlive a restart or be shared by nodes.");
                return Task.CompletedTask;
        }
    }

    private static string RightsOf(OpenStore store) => store.Provider switch
    {
        "Redis" => RedisCheck.Rights(store),
        "Postgres" => PostgresCheck.Rights(store),
        "Mongo" => MongoCheck.Rights(store),
        _ => "",
    };

    private static void Print(Terminal terminal, OpenStore store, CheckReport report, OpenStore? old, CheckReport? reportOfOld)
    {
        if (terminal.IsJson)
        {
            terminal.Json(new
            {
                store = store.Description,
                usable = report.IsUsable,
                results = Results(report),
                movingFrom = reportOfOld is null ? null : new { store = old!.Description, usable = reportOfOld.IsUsable, results = Results(reportOfOld) },
            });
            return;
        }

        Print(terminal, report, reportOfOld is null ? "The store" : "The new store");
        if (reportOfOld is null)
            return;

        terminal.Output.WriteLine();
        terminal.Output.WriteLine($"The store that the sessions are moved from: {old!.Description}");
        Print(terminal, reportOfOld, "The old store");
    }

    private static IEnumerable<object> Results(CheckReport report) =>
        report.Results.Select(result => new { outcome = WordOf(result.Outcome), result.Subject, result.Finding, result.Advice });

    private static void Print(Terminal terminal, CheckReport report, string which)
    {
        foreach (var result in report.Results)
        {
            var colour = result.Outcome switch { CheckOutcome.Ok => "green", CheckOutcome.Warning => "yellow", _ => "red" };
            terminal.Console.Markup($"[{colour}]{WordOf(result.Outcome),-8}[/]");
            terminal.Output.WriteLine($"{result.Subject}: {result.Finding}");
            if (result.Advice is { Length: > 0 } advice)
                terminal.Output.WriteLine($"        {advice.TrimEnd().ReplaceLineEndings("\n        ")}");
        }

        var warnings = report.Results.Count(result => result.Outcome == CheckOutcome.Warning);
        var tried = report.IsSetUp ? "" : " No session was tried, since that would create what is missing.";
        terminal.Output.WriteLine(report.IsUsable ? $"{which} can be used; {warnings} warnings.{tried}" : $"{which} cannot be used.");
    }

    private static string WordOf(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Ok => "ok",
        CheckOutcome.Warning => "warning",
        _ => "failure",
    };
}
