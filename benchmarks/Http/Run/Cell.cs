namespace SessionStores.Http.Run;

/// <summary>One contestant, one action, one number of connections, and all its measurements.</summary>
internal sealed class Cell(Contestant contestant, string action, int connections)
{
    /// <summary>A read without a cookie.</summary>
    public const string NoCookie = "no cookie";

    public Contestant Contestant { get; } = contestant;

    public string Action { get; } = action;

    public int Connections { get; } = connections;

    public List<Measurement> Rounds { get; } = [];

    /// <summary>Why there is no figure; null where there is one.</summary>
    public string? Failure { get; set; }

    public long Errors => Rounds.Sum(round => round.Errors);

    /// <summary>The median over the rounds; no number where nothing was measured.</summary>
    public double Median(Func<Measurement, double?> value)
    {
        var sorted = Rounds.Select(value).OfType<double>().Where(double.IsFinite).Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }
}
