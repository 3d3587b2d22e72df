using Xunit;

namespace SessionStores.Conformance;

/// <summary>What each operation answers for a session that is absent, live or destroyed.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class LifecycleSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Lifecycle")
{
    [Fact]
    public Task Get_of_an_absent_id_answers_null() => RunAsync();

    [Fact]
    public Task A_created_session_is_read_as_it_was_written() => RunAsync();

    [Fact]
    public Task A_session_without_a_subject_has_none() => RunAsync();

    [Fact]
    public Task Reading_twice_answers_the_same() => RunAsync();

    [Fact]
    public Task A_destroyed_session_is_gone() => RunAsync();

    [Fact]
    public Task Destroying_again_succeeds_and_answers_false() => RunAsync();

    [Fact]
    public Task Destroying_what_never_was_answers_false() => RunAsync();

    [Fact]
    public Task Destroy_removes_no_other_session() => RunAsync();

    [Fact]
    public Task The_id_of_a_destroyed_session_is_free_again() => RunAsync();

    [Fact]
    public Task Set_stores_an_absent_session() => RunAsync();

    [Fact]
    public Task Set_overwrites_payload_expiry_and_subject() => RunAsync();

    [Fact]
    public Task Set_can_take_the_subject_away() => RunAsync();

    [Fact]
    public Task Set_brings_back_a_destroyed_id() => RunAsync();

    [Fact]
    public Task Another_store_on_the_same_data_sees_a_write_that_returned() => RunAsync();

    [Fact]
    public Task Another_store_on_the_same_data_sees_a_destroy_that_returned() => RunAsync();

    [Fact]
    public Task Another_store_on_the_same_data_sees_a_touch_that_returned() => RunAsync();

    [Fact]
    public Task Another_store_on_the_same_data_sees_a_rotation_that_returned() => RunAsync();
}
