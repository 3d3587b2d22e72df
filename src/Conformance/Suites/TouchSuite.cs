using Xunit;

namespace SessionStores.Conformance;

/// <summary>Touch moves the expiry forward and does nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class TouchSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Touch")
{
    [Fact]
    public Task Touch_moves_the_expiry_forward() => RunAsync();

    [Fact]
    public Task Touch_never_moves_the_expiry_back() => RunAsync();

    [Fact]
    public Task Touch_with_an_instant_that_has_passed_ends_nothing() => RunAsync();

    [Fact]
    public Task Touch_with_the_same_expiry_answers_true() => RunAsync();

    [Fact]
    public Task Touch_changes_neither_payload_nor_subject() => RunAsync();

    [Fact]
    public Task Touch_of_an_absent_id_answers_false_and_creates_nothing() => RunAsync();

    [Fact]
    public Task Touch_of_a_destroyed_session_answers_false_and_does_not_bring_it_back() => RunAsync();

    [Fact]
    public Task Touch_of_an_expired_session_answers_false_and_does_not_bring_it_back() => RunAsync();

    [Fact]
    public Task Touch_can_take_the_expiry_away() => RunAsync();

    [Fact]
    public Task Touch_does_not_give_an_expiry_to_a_session_that_has_none() => RunAsync();

    [Fact]
    public Task Touch_rounds_up_and_takes_any_offset() => RunAsync();

    [Fact]
    public Task A_touched_session_lives_past_its_first_expiry() => RunAsync();
}
