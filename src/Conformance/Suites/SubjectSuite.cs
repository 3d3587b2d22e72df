using Xunit;

namespace SessionStores.Conformance;

/// <summary>The sessions of a subject are found and ended together.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class SubjectSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Subject")
{
    [Fact]
    public Task The_sessions_of_a_subject_are_listed() => RunAsync();

    [Fact]
    public Task Sessions_listed_by_subject_are_those_that_get_answers() => RunAsync();

    [Fact]
    public Task A_subject_without_sessions_lists_nothing() => RunAsync();

    [Fact]
    public Task The_index_follows_a_replace() => RunAsync();

    [Fact]
    public Task The_index_follows_a_set() => RunAsync();

    [Fact]
    public Task The_index_follows_a_rotation() => RunAsync();

    [Fact]
    public Task A_session_that_was_touched_stays_listed_past_its_first_expiry() => RunAsync();

    [Fact]
    public Task A_destroyed_session_is_not_listed() => RunAsync();

    [Fact]
    public Task An_expired_session_is_neither_listed_nor_counted_as_destroyed() => RunAsync();

    [Fact]
    public Task An_id_that_was_taken_anew_is_not_listed_for_its_old_subject() => RunAsync();

    [Fact]
    public Task Destroy_by_subject_ends_all_its_sessions_and_no_other() => RunAsync();

    [Fact]
    public Task Destroy_by_subject_can_keep_one() => RunAsync();

    [Fact]
    public Task Keeping_a_session_that_is_not_the_subjects_destroys_all() => RunAsync();

    [Fact]
    public Task A_session_destroyed_by_subject_does_not_come_back() => RunAsync();

    [Fact]
    public Task Subjects_stand_for_themselves() => RunAsync();

    [Fact]
    public Task Invalid_subjects_and_ids_are_refused() => RunAsync();

    [Fact]
    public Task A_subject_can_have_many_sessions() => RunAsync();

    [Fact]
    public Task Nothing_is_left_of_a_subject_whose_sessions_were_destroyed() => RunAsync();

    [Fact]
    public Task A_session_that_moves_between_subjects_leaves_nothing_behind() => RunAsync();

    [Fact]
    public Task Nothing_is_left_of_a_subject_whose_sessions_expired_once_pruned() => RunAsync();

    [Fact]
    public Task Of_many_destroys_by_subject_each_session_is_counted_once() => RunAsync();

    [Fact]
    public Task A_sign_in_that_meets_a_destroy_by_subject_is_either_listed_or_destroyed() => RunAsync();
}
