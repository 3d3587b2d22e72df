using Xunit;

namespace SessionStores.Conformance;

/// <summary>A read can extend what it reads, in the same step and no further than the record allows.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class SlideSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Slide")
{
    [Fact]
    public Task A_slide_that_is_due_extends_the_session() => RunAsync();

    [Fact]
    public Task A_slide_that_is_not_due_changes_nothing() => RunAsync();

    [Fact]
    public Task A_slide_that_is_never_due_changes_nothing() => RunAsync();

    [Fact]
    public Task A_slide_is_due_when_less_than_the_threshold_is_left_and_not_before() => RunAsync();

    [Fact]
    public Task A_slide_never_shortens() => RunAsync();

    [Fact]
    public Task A_slide_changes_neither_payload_nor_subject_nor_version() => RunAsync();

    [Fact]
    public Task A_slide_of_an_absent_id_answers_null_and_creates_nothing() => RunAsync();

    [Fact]
    public Task A_slide_does_not_bring_an_expired_session_back() => RunAsync();

    [Fact]
    public Task A_slide_does_not_bring_a_destroyed_session_back() => RunAsync();

    [Fact]
    public Task A_slide_gives_no_expiry_to_a_session_that_has_none() => RunAsync();

    [Fact]
    public Task A_slide_can_take_the_expiry_away() => RunAsync();

    [Fact]
    public Task A_slide_stops_at_the_idle_time_of_the_record() => RunAsync();

    [Fact]
    public Task A_slide_stops_at_the_absolute_limit_of_the_record() => RunAsync();

    [Fact]
    public Task The_earlier_of_idle_time_and_absolute_limit_counts() => RunAsync();

    [Fact]
    public Task A_limit_earlier_than_the_expiry_does_not_shorten() => RunAsync();

    [Fact]
    public Task An_absolute_limit_that_has_passed_stops_every_slide() => RunAsync();

    [Fact]
    public Task Limits_that_are_no_numbers_or_stand_elsewhere_do_not_count() => RunAsync();

    [Fact]
    public Task Of_duplicate_limits_the_last_counts() => RunAsync();

    [Fact]
    public Task Limits_written_as_any_json_number_count() => RunAsync();

    [Fact]
    public Task A_slid_session_lives_past_its_first_expiry() => RunAsync();

    [Fact]
    public Task A_slide_extends_no_other_session() => RunAsync();
}
