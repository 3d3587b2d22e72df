using System.CommandLine;
using SessionStores.Moving;

namespace SessionStores.Tool;

/// <summary><c>sessionstores move</c>: moves the sessions that no request touches to another store, and compares both sides.</summary>
internal sealed class MoveCommand : Command
{
    private readonly StoreArguments _both = new();
    private readonly StoreArguments _from = new("from");
    private readonly StoreArguments _to = new("to");
    private readonly Option<int> _parallel = new("--parallel") { Description = "How many sessions are moved at the same time: 1 to 256.", DefaultValueFactory = _ => 16 };
    private readonly Option<bool> _verify = new("--verify") { Description = "Looks at the old side afterwards, and exits with 1 when a session is still there." };
    private readonly Option<bool> _compare = new("--compare") { Description = "Moves nothing: exits with 1 unless each session of the old side is on the new side with the same payload, subject and lifetime." };
    private readonly Option<bool> _json = new("--json") { Description = "Prints JSON and nothing else." };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Does it without asking." };

    public MoveCommand()
        : base("move", "Moves the sessions of one store to another while the application serves requests on both (docs/moving.md). What was moved stays moved: a run that ended early is continued by the next one.")
    {
        _both.AddTo(this);
        _from.AddTo(this);
        _to.AddTo(this);
        foreach (var option in new Option[] { _parallel, _verify, _compare, _json, _yes })
            Options.Add(option);

        SetAction((arguments, cancellationToken) => CommandRunner.RunAsync(arguments, arguments.GetValue(_json), terminal => RunAsync(arguments, terminal, cancellationToken)));
    }

    private async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var parallel = arguments.GetValue(_parallel);
        if (parallel is < 1 or > 256)
            throw new UsageException($"--parallel must be 1 to 256, but is {parallel}.");
        if (arguments.GetValue(_verify) && arguments.GetValue(_compare))
            throw new UsageException("--verify looks at the old side after a move, and --compare moves nothing: give one of them.");

        if (!_from.IsGiven(arguments) && !_to.IsGiven(arguments))
        {
            await using var both = _both.Open(arguments);
            var moving = both.Store.GetCapability<MovingStore>() ?? throw new UsageException(
                "Name both stores: --from redis --to postgres, with --from-connection and --to-connection; or --config appsettings.json with a section Store:MovingFrom.");
            return await RunAsync(arguments, terminal, moving, moving.OldKeySpace ?? "the old store", both.Description, parallel, cancellationToken);
        }

        await using var from = _from.Open(arguments);
        await using var to = _to.Open(arguments);
        if (from.Description == to.Description)
            throw new UsageException($"--from and --to are the same store: {from.Description}. Give one of them another server, KeyPrefix, table, collection or database.");

        await using var store = new MovingStore(from.Store, to.Store);
        return await RunAsync(arguments, terminal, store, from.Description, to.Description, parallel, cancellationToken);
    }

    private async Task<int> RunAsync(
        ParseResult arguments, Terminal terminal, MovingStore store, string from, string to, int parallel, CancellationToken cancellationToken)
    {
        var mover = Create(store, parallel);
        var output = new MoveOutput(terminal, from, to);
        if (arguments.GetValue(_compare))
        {
            var compared = await output.CompareAsync(mover, cancellationToken);
            output.End(null, compared);
            return compared.IsCopied ? ExitCode.Success : ExitCode.Failure;
        }

        if (!await terminal.ConfirmAsync($"Move the sessions of {from} to {to}? Every node of the application must write to the new store already.", arguments.GetValue(_yes), cancellationToken))
            return ExitCode.Failure;

        var counts = await output.MoveAsync(mover, cancellationToken);
        var comparison = arguments.GetValue(_verify) ? await output.CompareAsync(mover, cancellationToken) : null;
        output.End(counts, comparison);
        return counts.Left == 0 && comparison?.IsMoved != false ? ExitCode.Success : ExitCode.Failure;
    }

    private static SessionMover Create(MovingStore store, int parallel)
    {
        try
        {
            return new SessionMover(store, parallel);
        }
        catch (Exception refused) when (refused is InvalidOperationException or NotSupportedException)
        {
            throw new UsageException(refused.Message);
        }
    }
}
