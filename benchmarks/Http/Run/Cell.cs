namespace SessionStores.Http.Run;

/// <summary>A line of the table: one contestant, one action, one number of connections; and all its rounds.</summary>
internal sealed class Cell(Contestant contestant, string action, int connections)
{
    public string Store { get; } = contestant.Store;

    public string Site { get; } = contestant.Site;

    public string Action { get; } = action;

    public int Connections { get; } = connections;

    public List<Measurement> Rounds { get; } = [];

    /// <summary>Why there is no figure; null where there is one.</summary>
    public string? Failure { get; set; }

    public double Median(Func<Measurement, double> value) => Statistics.Median(Rounds.Select(value));

    public bool Is(string store, string site, string action, int connections) =>
        Store == store && Site == site && Action == action && Connections == connections;
}
