using Xunit;

namespace SessionStores.Conformance;

/// <summary>A version stands for the stored content, whoever wrote it.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class VersionSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Version")
{
    [Fact]
    public Task The_version_of_a_replace_is_that_of_the_next_read() => RunAsync();

    [Fact]
    public Task The_version_of_a_rotation_is_that_of_the_next_read() => RunAsync();

    [Fact]
    public Task Another_payload_has_another_version() => RunAsync();

    [Fact]
    public Task A_payload_that_differs_in_one_byte_has_another_version() => RunAsync();

    [Fact]
    public Task A_change_of_the_subject_alone_is_a_conflict() => RunAsync();

    [Fact]
    public Task A_subject_that_was_added_is_a_conflict() => RunAsync();

    [Fact]
    public Task A_touch_between_load_and_replace_is_no_conflict() => RunAsync();

    [Fact]
    public Task A_slide_between_load_and_replace_is_no_conflict() => RunAsync();

    [Fact]
    public Task The_version_of_nothing_is_a_conflict() => RunAsync();

    [Fact]
    public Task A_version_that_the_store_never_made_is_a_conflict() => RunAsync();

    [Fact]
    public Task A_blind_write_of_a_peer_is_noticed_by_replace() => RunAsync();

    [Fact]
    public Task A_blind_write_of_a_peer_is_noticed_by_rotate() => RunAsync();

    [Fact]
    public Task A_session_that_a_peer_wrote_is_read_replaced_and_destroyed_like_any_other() => RunAsync();

    [Fact]
    public Task A_record_that_cannot_be_read_is_a_typed_fault_and_stays() => RunAsync();

    [Fact]
    public Task A_record_that_cannot_be_read_can_be_destroyed() => RunAsync();
}
