using Xunit;

namespace SessionStores.Conformance;

/// <summary>A cancelled call throws, and a cancelled write is complete or absent.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class CancellationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Cancellation")
{
    [Fact]
    public Task A_cancelled_get_throws() => RunAsync();

    [Fact]
    public Task A_cancelled_create_throws_and_stores_nothing() => RunAsync();

    [Fact]
    public Task A_cancelled_replace_throws_and_changes_nothing() => RunAsync();

    [Fact]
    public Task A_cancelled_set_throws_and_changes_nothing() => RunAsync();

    [Fact]
    public Task A_cancelled_touch_throws_and_changes_nothing() => RunAsync();

    [Fact]
    public Task A_cancelled_destroy_throws_and_removes_nothing() => RunAsync();

    [Fact]
    public Task A_cancelled_rotation_throws_and_moves_nothing() => RunAsync();

    [Fact]
    public Task Cancelled_listing_counting_and_clearing_throw_and_change_nothing() => RunAsync();

    [Fact]
    public Task A_listing_that_is_cancelled_on_the_way_throws() => RunAsync();

    [Fact]
    public Task Cancelled_work_by_subject_throws_and_changes_nothing() => RunAsync();

    [Fact]
    public Task A_cancelled_prune_throws() => RunAsync();

    [Fact]
    public Task A_write_that_is_cancelled_on_the_way_is_complete_or_absent() => RunAsync();

    [Fact]
    public Task The_store_goes_on_after_cancelled_calls() => RunAsync();
}
