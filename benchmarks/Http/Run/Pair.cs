namespace SessionStores.Http.Run;

/// <summary>Ours and what it is compared with, measured one right after the other in each round.</summary>
/// <param name="Own">SessionStores.</param>
/// <param name="Bare">The bare calls of the driver, or the endpoint without a session.</param>
/// <param name="Goal">The least ratio that is wanted; null for a pair that is only shown.</param>
internal sealed record Pair(Cell Own, Cell Bare, double? Goal)
{
    public string Store => Own.Contestant.Store;

    public string Action => Own.Action;

    public int Connections => Own.Connections;

    /// <summary>Requests for the same processor time of site and server, ours against bare.</summary>
    public Interval Efficiency => Ratio(own => 1 / own.Microseconds);

    /// <summary>Requests for the same number of instructions, ours against bare.</summary>
    public Interval Instructions => Ratio(own => 1 / own.Instructions ?? double.NaN);

    /// <summary>Requests per second, ours against bare.</summary>
    public Interval Throughput => Ratio(own => own.RequestsPerSecond);

    /// <summary>Latency that 99 of 100 requests do not exceed, ours against bare.</summary>
    public Interval P99 => Ratio(own => own.P99);

    private Interval Ratio(Func<Measurement, double> value) => Interval.Of(Own.Rounds.Zip(Bare.Rounds, (own, bare) => value(own) / value(bare)));
}
