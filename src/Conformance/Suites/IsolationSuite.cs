using Xunit;

namespace SessionStores.Conformance;

/// <summary>Two namespaces on one server know nothing of each other, also when the name of one begins with that of the other.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class IsolationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Isolation")
{
    [Fact]
    public Task One_id_is_a_session_of_its_own_in_each_namespace() => RunAsync();

    [Fact]
    public Task Writes_in_one_namespace_change_nothing_in_the_other() => RunAsync();

    [Fact]
    public Task Ids_cannot_reach_into_another_namespace() => RunAsync();

    [Fact]
    public Task Listing_and_counting_see_one_namespace() => RunAsync();

    [Fact]
    public Task Clear_removes_one_namespace_and_nothing_else() => RunAsync();

    [Fact]
    public Task A_subject_has_its_sessions_in_each_namespace() => RunAsync();

    [Fact]
    public Task Prune_removes_what_expired_in_its_own_namespace() => RunAsync();
}
