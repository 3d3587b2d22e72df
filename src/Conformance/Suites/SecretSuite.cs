using Xunit;

namespace SessionStores.Conformance;

/// <summary>Nothing secret reaches a log, an exception message, a metric or a trace.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class SecretSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Secret")
{
    [Fact]
    public Task Logs_hold_neither_id_nor_payload() => RunAsync();

    [Fact]
    public Task Logs_and_faults_of_an_unreadable_record_hold_no_id() => RunAsync();

    [Fact]
    public Task Refusals_hold_neither_id_nor_payload() => RunAsync();

    [Fact]
    public Task Metrics_and_traces_hold_neither_id_nor_payload() => RunAsync();

    [Fact]
    public Task Records_results_and_the_store_say_no_secret_of_themselves() => RunAsync();
}
