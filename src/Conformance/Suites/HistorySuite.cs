using Xunit;

namespace SessionStores.Conformance;

/// <summary>What concurrent clients saw is explained by some order of what they did.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class HistorySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "History")
{
    [Fact]
    public Task Clients_on_one_session_agree_on_an_order() => RunAsync();

    [Fact]
    public Task Clients_that_load_replace_and_destroy_agree_on_an_order() => RunAsync();

    [Fact]
    public Task Clients_that_move_the_expiry_agree_on_an_order() => RunAsync();

    [Fact]
    public Task Clients_that_rotate_sessions_agree_on_an_order() => RunAsync();

    [Fact]
    public Task Clients_that_cancel_some_calls_agree_on_an_order() => RunAsync();

    [Fact]
    public Task Clients_of_different_stores_on_the_same_data_agree_on_an_order() => RunAsync();
}
