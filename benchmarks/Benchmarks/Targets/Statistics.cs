namespace SessionStores.Benchmarks.Targets;

internal static class Statistics
{
    public static double Median(List<double> values) => Quantile(values, 0.5);

    public static double Quantile(List<double> values, double share) => values.Order().ElementAt((int)(values.Count * share));
}
