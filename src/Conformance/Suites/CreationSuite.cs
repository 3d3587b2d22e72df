using Xunit;

namespace SessionStores.Conformance;

/// <summary>Create stores under a free id, and only there.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class CreationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Creation")
{
    [Fact]
    public Task Create_of_a_free_id_answers_created() => RunAsync();

    [Fact]
    public Task Create_of_a_taken_id_answers_taken() => RunAsync();

    [Fact]
    public Task Create_of_a_taken_id_leaves_the_session_as_it_was() => RunAsync();

    [Fact]
    public Task Create_with_the_same_content_is_taken_too() => RunAsync();

    [Fact]
    public Task An_expired_session_does_not_hold_its_id() => RunAsync();

    [Fact]
    public Task The_version_of_a_create_is_that_of_the_next_read() => RunAsync();

    [Fact]
    public Task Create_of_a_taken_id_with_expired_content_is_taken() => RunAsync();

    [Fact]
    public Task Many_sessions_are_kept_apart() => RunAsync();
}
