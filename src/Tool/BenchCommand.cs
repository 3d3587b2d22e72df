using System.CommandLine;
using MongoDB.Driver;
using Npgsql;
using Spectre.Console;

namespace SessionStores.Tool;

/// <summary><c>sessionstores bench</c>: how fast a store is from here.</summary>
internal sealed class BenchCommand : StoreCommand
{
    private readonly Option<int> _sessions = new("--sessions") { Description = "How many sessions are created: 1 to 100,000.", DefaultValueFactory = _ => 200 };
    private readonly Option<int> _callers = new("--callers") { Description = "How many calls run at the same time: 1 to 1,000.", DefaultValueFactory = _ => 16 };
    private readonly Option<double> _seconds = new("--seconds") { Description = "How long the load runs: 0.1 to 600.", DefaultValueFactory = _ => 5 };
    private readonly Option<int> _bytes = new("--bytes") { Description = "The size of a payload: 100 to 1,000,000.", DefaultValueFactory = _ => 500 };

    public BenchCommand()
        : base("bench", "Measures reads and changes of sessions of its own, in a prefix, table or collection of their own that is removed afterwards. A load on the server: not for one that is busy.")
    {
        foreach (var option in new Option[] { _sessions, _callers, _seconds, _bytes })
            Options.Add(option);
    }

    protected override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var settings = new BenchSettings(
            InRange(arguments, _sessions, 1, 100_000),
            InRange(arguments, _callers, 1, 1000),
            TimeSpan.FromSeconds(InRange(arguments, _seconds, 0.1, 600)),
            InRange(arguments, _bytes, 100, 1_000_000));
        await using var store = Open(arguments, OwnPlace.NewName("bench"));
        var load = new BenchLoad(store.Store, settings);
        IReadOnlyList<BenchResult> results;
        try
        {
            results = await terminal.ShowProgressAsync("Calls", async show => await load.RunAsync(show, cancellationToken));
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Refused)
        {
            throw new UsageException($"The user has no right to a place of its own, {store.Description}, which the load needs: {failure.Message}");
        }
        finally
        {
            await RemoveAsync(terminal, store);
        }

        if (terminal.IsJson)
            terminal.Json(new { store = store.Description, settings = new { settings.Sessions, settings.Callers, seconds = settings.Duration.TotalSeconds, settings.PayloadBytes }, results, failures = load.Failures });
        else
            Print(terminal, store, results, load.Failures);

        return load.Failures.Count == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static async Task RemoveAsync(Terminal terminal, OpenStore store)
    {
        try
        {
            await store.Capability<ISessionSubjects>().DestroyBySubjectAsync(BenchLoad.Subject, null, CancellationToken.None);
            await OwnPlace.RemoveAsync(store);
        }
        catch (Exception failure) when (failure is SessionStoreException or NpgsqlException or MongoException)
        {
            await terminal.Error.WriteLineAsync($"What the load has created in {store.Description}, if anything, could not be removed ({failure.GetType().Name}). Its sessions expire within 10 minutes; remove the table or the collection.");
        }
    }

    private static void Print(Terminal terminal, OpenStore store, IReadOnlyList<BenchResult> results, IReadOnlyList<string> failures)
    {
        terminal.Output.WriteLine($"{store.Description}, in milliseconds:");
        var table = new Table().Border(TableBorder.Minimal);
        table.AddColumn("operation");
        foreach (var column in new[] { "calls", "failed", "per second", "p50", "p95", "p99", "most" })
            table.AddColumn(new TableColumn(column).RightAligned());

        foreach (var result in results)
            table.AddRow(result.Operation, $"{result.Calls:N0}", $"{result.Failed:N0}", result.PerSecond == 0 ? "" : $"{result.PerSecond:N0}", $"{result.P50:N2}", $"{result.P95:N2}", $"{result.P99:N2}", $"{result.Most:N2}");

        terminal.Console.Write(table);
        foreach (var failure in failures)
            terminal.Output.WriteLine($"failed: {failure}");
    }

    private static T InRange<T>(ParseResult arguments, Option<T> option, T least, T most)
        where T : IComparable<T>
    {
        var value = arguments.GetValue(option)!;
        return value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0 ? value : throw new UsageException($"{option.Name} must be {least} to {most}, but is {value}.");
    }
}
