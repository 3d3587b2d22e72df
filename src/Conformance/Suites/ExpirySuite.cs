using Xunit;

namespace SessionStores.Conformance;

/// <summary>A session is expired from the instant of its expiry, whether or not anything has removed it.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class ExpirySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Expiry")
{
    [Fact]
    public Task An_expired_session_is_not_read() => RunAsync();

    [Fact]
    public Task A_session_lives_to_the_last_millisecond_and_no_longer() => RunAsync();

    [Fact]
    public Task Every_operation_takes_the_same_side_of_the_boundary() => RunAsync();

    [Fact]
    public Task A_session_of_less_than_a_second_expires() => RunAsync();

    [Fact]
    public Task A_session_of_one_millisecond_lives_for_one_millisecond() => RunAsync();

    [Fact]
    public Task Destroying_an_expired_session_answers_false() => RunAsync();

    [Fact]
    public Task Set_stores_over_an_expired_session() => RunAsync();

    [Fact]
    public Task Create_with_an_expiry_that_has_passed_leaves_nothing_readable() => RunAsync();

    [Fact]
    public Task Set_with_an_expiry_that_has_passed_leaves_nothing_readable() => RunAsync();

    [Fact]
    public Task Replace_with_an_expiry_that_has_passed_leaves_nothing_readable() => RunAsync();

    [Fact]
    public Task Rotate_with_an_expiry_that_has_passed_leaves_nothing_readable() => RunAsync();

    [Fact]
    public Task An_id_whose_content_had_expired_when_written_is_free() => RunAsync();

    [Fact]
    public Task A_session_can_live_for_ever() => RunAsync();

    [Fact]
    public Task A_session_can_live_to_a_far_future() => RunAsync();

    [Fact]
    public Task The_latest_instant_of_the_calendar_is_kept() => RunAsync();

    [Fact]
    public Task An_expiry_is_kept_to_the_step_of_the_store_and_rounded_up() => RunAsync();

    [Fact]
    public Task An_expiry_in_another_offset_is_the_same_instant() => RunAsync();

    [Fact]
    public Task Expiry_ends_one_session_and_no_other() => RunAsync();

    [Fact]
    public Task A_replaced_session_lives_past_its_first_expiry() => RunAsync();

    [Fact]
    public Task A_session_whose_life_was_shortened_expires_then() => RunAsync();

    [Fact]
    public Task Set_can_take_the_expiry_away_and_give_one_again() => RunAsync();
}
