using System.CommandLine;

namespace SessionStores.Tool;

/// <summary><c>sessionstores prune</c>: removes expired records now.</summary>
internal sealed class PruneCommand : StoreCommand
{
    private readonly Option<int> _batch = new("--batch") { Description = "The most records that are removed in one step: 1 to 100,000.", DefaultValueFactory = _ => 1000 };

    public PruneCommand()
        : base("prune", "Removes expired records and what is left of them in indexes. Live sessions stay.") => Options.Add(_batch);

    protected override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var store = OpenExisting(arguments);
        var batch = arguments.GetValue(_batch);
        if (batch is < 1 or > 100_000)
            throw new UsageException($"--batch must be 1 to 100,000, but is {batch}.");

        var pruning = store.Capability<ISessionPruning>();
        var removed = await terminal.ShowProgressAsync("Removing expired records", async _ => await pruning.PruneAsync(batch, cancellationToken));
        var others = pruning.PrunesItself ? " The server removes expired records by itself." : "";
        terminal.Result($"Removed {removed:N0} expired records.{others}", new { removed, prunesItself = pruning.PrunesItself });
        return ExitCode.Success;
    }
}
