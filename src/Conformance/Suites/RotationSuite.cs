using Xunit;

namespace SessionStores.Conformance;

/// <summary>Rotate gives a session a new id and new content.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class RotationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Rotation")
{
    [Fact]
    public Task A_rotated_session_has_its_new_id_and_content() => RunAsync();

    [Fact]
    public Task The_old_id_of_a_rotated_session_never_works_again() => RunAsync();

    [Fact]
    public Task Rotate_without_a_version_does_not_look_at_the_content() => RunAsync();

    [Fact]
    public Task Rotate_after_somebody_else_wrote_is_a_conflict_and_moves_nothing() => RunAsync();

    [Fact]
    public Task Rotate_after_a_touch_is_no_conflict() => RunAsync();

    [Fact]
    public Task Rotate_of_an_absent_id_is_gone_and_creates_nothing() => RunAsync();

    [Fact]
    public Task Rotate_of_a_destroyed_session_is_gone_and_does_not_bring_it_back() => RunAsync();

    [Fact]
    public Task Rotate_of_an_expired_session_is_gone_and_does_not_bring_it_back() => RunAsync();

    [Fact]
    public Task Rotate_to_a_taken_id_is_taken_and_changes_neither_session() => RunAsync();

    [Fact]
    public Task Rotate_to_the_id_of_an_expired_session_is_rotated() => RunAsync();

    [Fact]
    public Task Rotate_to_the_same_id_is_refused() => RunAsync();

    [Fact]
    public Task Rotate_with_expired_content_leaves_neither_id_readable() => RunAsync();

    [Fact]
    public Task A_session_can_be_rotated_again_and_back() => RunAsync();

    [Fact]
    public Task Rotate_can_shorten_the_life() => RunAsync();
}
