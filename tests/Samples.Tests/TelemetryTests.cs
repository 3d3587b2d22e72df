namespace SessionStores.Samples.Tests;

public sealed class TelemetryTests
{
    [Fact]
    public async Task The_sample_prints_spans_metrics_and_the_health_that_its_page_names()
    {
        var output = await RunningSample.RunToEndAsync("Telemetry");

        Assert.All(["get", "create", "replace", "destroy"], operation => Assert.Matches($"Activity.DisplayName: +{operation}\r?\n", output));
        Assert.All(
            ["sessionstores.store.duration", "sessionstores.saves"], // the sessions are counted at intervals, perhaps later
            instrument => Assert.Contains($"Metric Name: {instrument}", output, StringComparison.Ordinal));
        Assert.StartsWith("health: Healthy", output.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }
}
