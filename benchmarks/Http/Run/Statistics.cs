namespace SessionStores.Http.Run;

internal static class Statistics
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Where(double.IsFinite).Order().ToArray();
        if (sorted.Length == 0)
            return double.NaN;

        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The median of the ratios of rounds that were measured one after the other; no number where there is nothing to compare with.</summary>
    public static double Ratio(Cell cell, Cell baseline)
    {
        var pairs = cell.Rounds.Zip(baseline.Rounds).ToArray();
        return pairs.All(pair => pair.Second.RequestsPerSecond > 0)
            ? Median(pairs.Select(pair => pair.First.RequestsPerSecond / pair.Second.RequestsPerSecond))
            : double.NaN;
    }
}
