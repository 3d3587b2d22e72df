using Xunit;

namespace SessionStores.Conformance;

/// <summary>Of writers that meet, each is answered the truth, and nothing is lost.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class RaceSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Race")
{
    [Fact]
    public Task Of_many_creates_of_one_id_exactly_one_wins() => RunAsync();

    [Fact]
    public Task Of_many_replaces_of_one_version_exactly_one_wins() => RunAsync();

    [Fact]
    public Task Writers_that_load_and_replace_until_they_win_lose_no_increment() => RunAsync();

    [Fact]
    public Task Of_many_rotations_of_one_session_exactly_one_wins() => RunAsync();

    [Fact]
    public Task Of_two_rotations_to_one_id_exactly_one_wins() => RunAsync();

    [Fact]
    public Task Of_a_create_and_a_rotation_to_one_id_exactly_one_wins() => RunAsync();

    [Fact]
    public Task Of_a_replace_and_a_rotation_of_one_version_exactly_one_wins() => RunAsync();

    [Fact]
    public Task A_touch_that_meets_a_replace_neither_fails_it_nor_undoes_it() => RunAsync();

    [Fact]
    public Task A_slide_that_meets_a_replace_neither_fails_it_nor_undoes_it() => RunAsync();

    [Fact]
    public Task Of_many_touches_the_furthest_remains() => RunAsync();

    [Fact]
    public Task A_set_that_meets_a_replace_remains() => RunAsync();

    [Fact]
    public Task Of_many_destroys_exactly_one_answers_true() => RunAsync();

    [Fact]
    public Task A_reader_never_sees_both_ids_of_a_rotation_and_never_neither() => RunAsync();

    [Fact]
    public Task A_reader_never_sees_half_a_write() => RunAsync();
}
