using Xunit;

namespace SessionStores.Conformance;

/// <summary>A server that is away, silent or read-only ends in a typed exception in time, and the store goes on when it is back.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class FaultSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Fault")
{
    [Fact]
    public Task A_stopped_server_is_a_typed_fault_in_time() => RunAsync();

    [Fact]
    public Task A_killed_server_is_a_typed_fault_in_time() => RunAsync();

    [Fact]
    public Task A_hanging_server_is_a_typed_fault_in_time() => RunAsync();

    [Fact]
    public Task An_answer_that_is_lost_is_a_typed_fault_in_time() => RunAsync();

    [Fact]
    public Task A_store_goes_on_after_a_stopped_server_is_back() => RunAsync();

    [Fact]
    public Task A_store_goes_on_after_a_killed_server_is_back() => RunAsync();

    [Fact]
    public Task A_store_goes_on_after_a_hanging_server_is_back() => RunAsync();

    [Fact]
    public Task A_store_goes_on_after_its_connections_were_cut() => RunAsync();

    [Fact]
    public Task A_store_goes_on_after_answers_were_lost() => RunAsync();

    [Fact]
    public Task A_store_goes_on_after_the_server_forgot_its_scripts() => RunAsync();

    [Fact]
    public Task A_server_that_takes_no_writes_is_a_typed_fault_and_is_still_read() => RunAsync();

    [Fact]
    public Task A_write_whose_answer_was_lost_is_complete_or_absent() => RunAsync();

    [Fact]
    public Task Nothing_that_was_answered_is_lost_when_the_server_is_killed() => RunAsync();

    [Fact]
    public Task A_call_on_a_hanging_server_can_be_cancelled() => RunAsync();

    [Fact]
    public Task Faults_and_their_logs_hold_no_secret() => RunAsync();
}
