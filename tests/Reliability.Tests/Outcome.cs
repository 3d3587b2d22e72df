using System.Globalization;

namespace SessionStores.Reliability.Tests;

/// <summary>The counts of all rounds under one fault.</summary>
internal sealed class Outcome(Nemesis nemesis, ulong seed)
{
    private readonly List<Counts> _stores = [];
    private readonly List<Counts> _sites = [];

    public string Description { get; set; } = "";

    public int Rounds { get; set; }

    public int Strikes { get; set; }

    public List<string> Pieces { get; } = [];

    public long StoreOperations => _stores.Sum(counts => counts.Operations);

    public int Lost => All.Sum(counts => counts.Lost);

    public int Resurrected => All.Sum(counts => counts.Resurrected);

    public int Stale => All.Sum(counts => counts.Stale);

    private IEnumerable<Counts> All => _stores.Concat(_sites);

    public void Add(Workload store, Workload site)
    {
        _stores.Add(store.Counts);
        _sites.Add(site.Counts);
        Pieces.AddRange(store.Pieces.Concat(site.Pieces));
    }

    /// <summary>A line for each way in, for the output and for the report.</summary>
    public IReadOnlyList<ReportLine> Lines => [LineOf("store", _stores), LineOf("HTTP", _sites)];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Description}\n{string.Join('\n', Lines)}\n{string.Join('\n', Pieces)}");

    private ReportLine LineOf(string way, List<Counts> counts) => new(
        nemesis.Server, nemesis.Fault, nemesis.Promise.ToString(), way, Description, Strikes, counts.Sum(each => each.Operations), counts.Sum(each => each.Acknowledged),
        counts.Sum(each => each.Lost), counts.Sum(each => each.Resurrected), counts.Sum(each => each.Stale), counts.Max(each => each.LongestUnavailability).TotalSeconds, seed);
}

/// <summary>A line of the report; <c>eng/reliability.cs</c> reads it.</summary>
internal sealed record ReportLine(
    string Server, string Fault, string Promise, string Way, string Description, int Strikes, long Operations, long Acknowledged, int Lost, int Resurrected, int Stale,
    double Unavailable, ulong Seed)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"reliability {Server}: {Fault}, {Way}: {Strikes} strikes, {Operations:N0} operations, {Acknowledged:N0} acknowledged, {Lost} lost, {Resurrected} resurrected, {Stale} stale, unavailable for {Unavailable:0.0} s at most (seed {Seed})");
}
