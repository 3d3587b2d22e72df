using Xunit;

namespace SessionStores.Conformance;

/// <summary>A store prepares its server itself: once, at any number of nodes, also over what an older version left.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class SetUpSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "SetUp")
{
    [Fact]
    public Task A_store_prepares_what_it_needs_on_first_use() => RunAsync();

    [Fact]
    public Task Many_nodes_can_start_for_the_first_time_at_once() => RunAsync();

    [Fact]
    public Task A_second_start_changes_nothing() => RunAsync();

    [Fact]
    public Task What_an_older_version_or_a_peer_set_up_is_used_and_its_sessions_live_on() => RunAsync();

    [Fact]
    public Task Many_nodes_can_start_over_an_older_set_up_at_once() => RunAsync();

    [Fact]
    public Task A_user_with_the_documented_rights_can_do_everything() => RunAsync();

    [Fact]
    public Task A_set_up_that_was_broken_is_a_typed_fault() => RunAsync();
}
