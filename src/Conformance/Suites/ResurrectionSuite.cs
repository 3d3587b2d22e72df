using Xunit;

namespace SessionStores.Conformance;

/// <summary>Nothing brings a destroyed session back: destroy against every writer, in both orders and together.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class ResurrectionSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Resurrection")
{
    [Fact]
    public Task Destroy_against_replace() => RunAsync();

    [Fact]
    public Task Destroy_against_touch() => RunAsync();

    [Fact]
    public Task Destroy_against_a_sliding_read() => RunAsync();

    [Fact]
    public Task Destroy_against_all_writers_at_once() => RunAsync();

    [Fact]
    public Task Destroy_against_rotate() => RunAsync();

    [Fact]
    public Task Destroy_against_rotate_with_a_version() => RunAsync();

    [Fact]
    public Task Destroy_of_both_ids_against_rotate() => RunAsync();

    [Fact]
    public Task A_replace_after_the_destroy_returned_is_gone() => RunAsync();

    [Fact]
    public Task A_new_session_under_a_destroyed_id_is_not_overwritten_by_the_old_writer() => RunAsync();

    [Fact]
    public Task Destroy_by_subject_against_replace_and_touch() => RunAsync();

    [Fact]
    public Task Destroy_by_subject_spares_a_session_that_has_moved_to_another_subject() => RunAsync();

    [Fact]
    public Task Clear_against_replace_and_touch() => RunAsync();
}
