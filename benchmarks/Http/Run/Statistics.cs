namespace SessionStores.Http.Run;

internal static class Statistics
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
            return double.NaN;

        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The median of the ratios of rounds that were measured one after the other.</summary>
    public static double Ratio(Cell cell, Cell baseline) =>
        Median(cell.Rounds.Zip(baseline.Rounds, (ours, theirs) => ours.RequestsPerSecond / theirs.RequestsPerSecond));
}
