using Xunit;

namespace SessionStores.Conformance;

/// <summary>Prune removes what has expired, and never a live session.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class PruningSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Pruning")
{
    [Fact]
    public Task Prune_of_an_empty_store_removes_nothing() => RunAsync();

    [Fact]
    public Task Prune_removes_no_live_session() => RunAsync();

    [Fact]
    public Task Prune_keeps_live_sessions_among_expired_ones() => RunAsync();

    [Fact]
    public Task Prune_removes_every_expired_record_and_counts_them() => RunAsync();

    [Fact]
    public Task Prune_removes_all_in_batches_of_any_size() => RunAsync();

    [Fact]
    public Task A_second_prune_finds_nothing() => RunAsync();

    [Fact]
    public Task A_batch_size_out_of_range_is_refused() => RunAsync();

    [Fact]
    public Task A_session_whose_expiry_moved_is_not_pruned_at_its_first_one() => RunAsync();

    [Fact]
    public Task Many_pruners_at_once_remove_each_record_once() => RunAsync();

    [Fact]
    public Task Prune_spares_a_session_that_takes_an_expired_id_meanwhile() => RunAsync();

    [Fact]
    public Task Reads_and_writes_go_on_while_records_are_pruned() => RunAsync();
}
