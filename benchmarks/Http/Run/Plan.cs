namespace SessionStores.Http.Run;

/// <summary>What is measured: the pairs of the targets, pairs that are only shown, and who came before us.</summary>
internal sealed class Plan
{
    /// <summary>How often something is measured that no target needs.</summary>
    private const int RoundsWithoutGoal = 3;

    /// <summary>The connections at which everybody is compared.</summary>
    public const int Usual = 32;

    private static readonly (string Store, string Action, (int Connections, double? Goal)[] Goals)[] Goals =
    [
        ("memory", "read", [(32, 0.95), (256, 0.95), (1024, null)]),
        ("memory", "change", [(32, 0.90), (256, 0.90)]),
        ("memory", Cell.NoCookie, [(32, 0.98), (256, 0.98)]),
        ("redis", "read", [(1, null), (32, 0.95), (256, 0.95), (1024, 0.95)]),
        ("redis", "change", [(1, null), (32, 0.90), (256, 0.90), (1024, 0.90)]),
        ("valkey", "read", [(1, null), (32, null), (256, null)]),
        ("valkey", "change", [(1, null), (32, 0.95), (256, 0.95), (1024, 0.95)]),
        ("postgres", "read", [(1, 0.95), (32, 1.2), (256, 1.5), (1024, 1.5)]),
        ("postgres", "change", [(1, 0.90), (32, 1.3), (256, 1.5)]),
        ("postgres-no-fsync", "change", [(32, null), (256, null)]),
        ("mongo", "read", [(1, null), (32, 1.2), (256, 1.2), (1024, null)]),
        ("mongo", "change", [(1, null), (32, 0.90), (256, 0.90)]),
    ];

    private Plan(IReadOnlyList<Pair> pairs, IReadOnlyList<Cell> others) => (Pairs, Others) = (pairs, others);

    public IReadOnlyList<Pair> Pairs { get; }

    /// <summary>ASP.NET Core's session middleware, express-session, and Express without it.</summary>
    public IReadOnlyList<Cell> Others { get; }

    /// <summary>All cells, in the order in which a round measures them.</summary>
    public IEnumerable<Cell> Cells => Pairs.SelectMany(pair => new[] { pair.Own, pair.Bare }).Concat(Others);

    /// <summary>Who takes part. Ours comes first, for the bare endpoints read what it has stored.</summary>
    public IEnumerable<Contestant> Contestants => Cells.Select(cell => cell.Contestant).Distinct();

    /// <param name="stores">The stores whose servers run.</param>
    /// <param name="hasNode">Whether the Express applications can run.</param>
    public static Plan Of(IReadOnlyCollection<string> stores, bool hasNode)
    {
        var pairs = from goal in Goals
                    where stores.Contains(goal.Store)
                    from at in goal.Goals
                    let bare = new Contestant(goal.Store, goal.Store == "memory" ? "plain" : "raw")
                    let bareAction = goal.Store == "memory" && goal.Action == "change" ? "read" : goal.Action
                    select new Pair(
                        new Cell(new Contestant(goal.Store, "own"), goal.Action, at.Connections), new Cell(bare, bareAction, at.Connections), at.Goal);
        var others = from contestant in Incumbents(hasNode)
                     where stores.Contains(contestant.Store)
                     from action in contestant.Actions
                     select new Cell(contestant, action, Usual);
        return new Plan([.. pairs], [.. others]);
    }

    /// <summary>Whether a round measures a cell.</summary>
    public bool IsMeasured(Cell cell, int round) => round < RoundsWithoutGoal || Pairs.Any(pair => pair.Goal is not null && (pair.Own == cell || pair.Bare == cell));

    private static IEnumerable<Contestant> Incumbents(bool hasNode)
    {
        yield return new Contestant("memory", "framework");
        yield return new Contestant("redis", "framework");
        yield return new Contestant("redis", "framework-async");
        if (!hasNode)
            yield break;

        yield return new Contestant("memory", "express-plain");
        foreach (var store in (string[])["memory", "redis", "postgres", "mongo"])
            yield return new Contestant(store, "express");
    }
}
