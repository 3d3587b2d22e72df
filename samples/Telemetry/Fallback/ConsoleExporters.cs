using System.Diagnostics;
using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

/// <summary>What <c>OpenTelemetry.Exporter.Console</c> does, in short: one line per span and per metric point.</summary>
internal static class ConsoleExporters
{
    public static TracerProviderBuilder AddConsoleExporter(this TracerProviderBuilder builder) =>
        builder.AddProcessor(new SimpleActivityExportProcessor(new SpanExporter()));

    public static MeterProviderBuilder AddConsoleExporter(this MeterProviderBuilder builder) =>
        builder.AddReader(new BaseExportingMetricReader(new MetricExporter()));

    private static string Text(IEnumerable<KeyValuePair<string, object?>> tags) => string.Join(' ', tags.Select(tag => $"{tag.Key}={tag.Value}"));

    private sealed class SpanExporter : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var span in batch)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"span: {span.DisplayName} {span.Kind} {span.Duration.TotalMilliseconds:0.00} ms {span.Status} {Text(span.TagObjects)}"));

            return ExportResult.Success;
        }
    }

    private sealed class MetricExporter : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    var tags = new List<KeyValuePair<string, object?>>();
                    foreach (var tag in point.Tags)
                        tags.Add(tag);

                    var value = metric.MetricType switch
                    {
                        MetricType.Histogram => string.Create(CultureInfo.InvariantCulture, $"{point.GetHistogramCount()} in {point.GetHistogramSum():0.0000}"),
                        MetricType.LongGauge => $"{point.GetGaugeLastValueLong()}",
                        _ => $"{point.GetSumLong()}",
                    };
                    Console.WriteLine($"metric: {metric.Name} {value} {metric.Unit} {Text(tags)}");
                }
            }

            return ExportResult.Success;
        }
    }
}
