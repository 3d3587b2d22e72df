using System.Diagnostics;
using SessionStores.Conformance;
using SessionStores.Conformance.Histories;

namespace SessionStores.Reliability.Tests;

/// <summary>What a store promises under a fault.</summary>
internal enum Promise
{
    /// <summary>Nothing acknowledged is lost or comes back.</summary>
    Kept,

    /// <summary>Acknowledged changes may be gone; the counts are shown.</summary>
    None,

    /// <summary>Acknowledged changes are gone: a configuration that is weak on purpose, by which it is seen that losses are found.</summary>
    Broken,
}

/// <summary>A fault of a server.</summary>
internal sealed record Nemesis
{
    public required string Server { get; init; }

    public required string Fault { get; init; }

    public Promise Promise { get; init; } = Promise.Kept;

    /// <summary>What the histories leave out, as the store promises less for it.</summary>
    public IReadOnlyList<OperationKind> Without { get; init; } = [];

    /// <summary>Whether readers may see a change that is never acknowledged, and miss it later.</summary>
    public bool ShowsChangesEarly { get; init; }

    /// <summary>How many ways there are to strike; each is tried once at least.</summary>
    public int Ways { get; init; } = 1;

    /// <summary>Whether the servers can be struck only once.</summary>
    public bool Once { get; init; }

    /// <summary>Starts servers.</summary>
    public required Func<Task<Target>> Start { get; init; }

    /// <summary>Strikes, for the n-th time, and returns when the fault has taken effect and is over.</summary>
    public required Func<Target, Load, int, Task> Strike { get; init; }

    public string Name => $"{Server}: {Fault}";

    /// <summary>Runs both workloads under the fault.</summary>
    public async Task<Outcome> RunAsync(Length length, ulong seed)
    {
        var outcome = new Outcome(this, seed);
        var clock = Stopwatch.StartNew();
        do
        {
            await RunRoundAsync(outcome, length, new SeededRandom(seed + (ulong)outcome.Rounds++));
        }
        while (outcome.StoreOperations < length.Operations || clock.Elapsed < length.Time);

        return outcome;
    }

    private bool IsCalled(OperationKind kind) => !Without.Contains(kind);

    private async Task RunRoundAsync(Outcome outcome, Length length, SeededRandom random)
    {
        await using var target = await Start();
        outcome.Description = target.Backend.Description;
        var clocks = new[] { -7, 7 }.Select(minutes => new SkewedClock(TimeProvider.System, TimeSpan.FromMinutes(minutes))).ToList();
        List<INode> stores = [], sites = [];
        try
        {
            foreach (var clock in clocks)
            {
                stores.Add(new StoreNode(target.Open(), IsCalled));
                sites.Add(await SiteNode.StartAsync(target.Open(), IsCalled, clock));
            }

            var onStore = new Workload(stores, teams: 4, random.Next());
            var onSite = new Workload(sites, teams: 2, random.Next());
            var load = new Load([onStore, onSite]);
            onStore.Start();
            onSite.Start();
            var calls = length.CallsBetweenStrikes * (Once ? 4 : 1);
            for (var strike = 0; strike < (Once ? 1 : Math.Max(Ways, length.Strikes)); strike++)
            {
                await load.CallsAsync(calls + random.Below(calls));
                load.Begin();
                await Strike(target, load, strike);
                outcome.Strikes++;
            }

            load.Begin();
            await load.WritesAsync(length.WritesAfter);
            await Task.WhenAll(onStore.EndAsync(), onSite.EndAsync());
            outcome.Add(onStore, onSite);
        }
        finally
        {
            foreach (var node in stores.Concat(sites))
                await node.DisposeAsync();
        }
    }
}
