using System.Globalization;

namespace SessionStores.Benchmarking;

/// <summary>A mean of paired measurements with its 95 % confidence interval.</summary>
/// <param name="Mean">The geometric mean.</param>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
/// <param name="Pairs">How many pairs were measured.</param>
internal readonly record struct Interval(double Mean, double Low, double High, int Pairs)
{
    /// <summary>Quantiles of Student's distribution for 95 %, by degrees of freedom from 1 on.</summary>
    private static readonly double[] Student =
    [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];

    /// <summary>Computes the interval of ratios, on the scale of their logarithms: twice as much and half as much are equally far from 1. A
    /// disturbed pair makes the interval wider, so that it cannot decide a target by itself.</summary>
    public static Interval Of(IEnumerable<double> ratios)
    {
        var logs = ratios.Where(ratio => double.IsFinite(ratio) && ratio > 0).Select(ratio => Math.Log(ratio)).ToArray();
        if (logs.Length == 0)
            return new Interval(double.NaN, double.NaN, double.NaN, 0);

        var mean = logs.Average();
        if (logs.Length == 1)
            return new Interval(Math.Exp(mean), 0, double.PositiveInfinity, 1);

        var deviation = Math.Sqrt(logs.Sum(log => (log - mean) * (log - mean)) / (logs.Length - 1));
        var half = Student[Math.Min(logs.Length - 2, Student.Length - 1)] * deviation / Math.Sqrt(logs.Length);
        return new Interval(Math.Exp(mean), Math.Exp(mean - half), Math.Exp(mean + half), logs.Length);
    }

    /// <inheritdoc/>
    public override string ToString() => Pairs switch
    {
        0 => "nothing",
        1 => string.Create(CultureInfo.InvariantCulture, $"{Mean:F2} (one pair)"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Mean:F2} ({Low:F2}–{High:F2})"),
    };
}
