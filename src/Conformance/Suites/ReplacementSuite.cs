using Xunit;

namespace SessionStores.Conformance;

/// <summary>Replace writes over what was loaded, and over nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class ReplacementSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Replacement")
{
    [Fact]
    public Task Replace_with_the_loaded_version_is_replaced() => RunAsync();

    [Fact]
    public Task Replace_can_bring_the_expiry_forward_to_an_earlier_instant() => RunAsync();

    [Fact]
    public Task Replace_of_an_absent_id_is_gone_and_creates_nothing() => RunAsync();

    [Fact]
    public Task Replace_of_a_destroyed_session_is_gone_and_does_not_bring_it_back() => RunAsync();

    [Fact]
    public Task Replace_of_an_expired_session_is_gone_and_does_not_bring_it_back() => RunAsync();

    [Fact]
    public Task Replace_after_somebody_else_wrote_is_a_conflict() => RunAsync();

    [Fact]
    public Task A_conflict_leaves_what_the_other_wrote() => RunAsync();

    [Fact]
    public Task Replace_after_a_set_is_a_conflict() => RunAsync();

    [Fact]
    public Task Replace_of_an_id_that_was_taken_anew_is_no_success() => RunAsync();

    [Fact]
    public Task Replace_under_the_old_id_of_a_rotated_session_is_gone() => RunAsync();

    [Fact]
    public Task Replace_can_follow_replace_with_the_version_that_was_answered() => RunAsync();

    [Fact]
    public Task Replace_changes_no_other_session() => RunAsync();

    [Fact]
    public Task A_conflicting_replace_with_expired_content_removes_nothing() => RunAsync();
}
