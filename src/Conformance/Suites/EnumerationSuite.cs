using Xunit;

namespace SessionStores.Conformance;

/// <summary>All, Length and Clear see the live sessions of the namespace, and nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class EnumerationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Enumeration")
{
    [Fact]
    public Task An_empty_store_lists_nothing() => RunAsync();

    [Fact]
    public Task Every_live_session_is_listed_once() => RunAsync();

    [Fact]
    public Task Thousands_of_sessions_are_listed_once_each() => RunAsync();

    [Fact]
    public Task Listed_sessions_are_those_that_get_answers() => RunAsync();

    [Fact]
    public Task Listed_ids_are_those_that_were_given() => RunAsync();

    [Fact]
    public Task An_expired_session_is_not_listed() => RunAsync();

    [Fact]
    public Task An_expired_session_is_not_counted() => RunAsync();

    [Fact]
    public Task A_destroyed_session_is_neither_listed_nor_counted() => RunAsync();

    [Fact]
    public Task A_rotated_session_is_listed_under_its_new_id_alone() => RunAsync();

    [Fact]
    public Task A_session_that_was_written_again_is_counted_once() => RunAsync();

    [Fact]
    public Task Clear_removes_every_session() => RunAsync();

    [Fact]
    public Task Clear_of_an_empty_store_succeeds_and_the_store_goes_on() => RunAsync();

    [Fact]
    public Task Clear_empties_the_index_of_subjects_too() => RunAsync();

    [Fact]
    public Task Clear_leaves_nothing_behind() => RunAsync();

    [Fact]
    public Task A_listing_can_be_left_early_and_begun_again() => RunAsync();

    [Fact]
    public Task One_listing_can_be_walked_twice() => RunAsync();

    [Fact]
    public Task The_store_can_be_used_while_it_is_listed() => RunAsync();

    [Fact]
    public Task A_session_that_stays_is_seen_exactly_once_while_others_come_and_go() => RunAsync();

    [Fact]
    public Task A_record_that_cannot_be_read_is_passed_over() => RunAsync();
}
