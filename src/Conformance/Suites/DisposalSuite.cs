using Xunit;

namespace SessionStores.Conformance;

/// <summary>A store is a thread-safe singleton that disposes what it created and nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class DisposalSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Disposal")
{
    [Fact]
    public Task A_store_can_be_disposed_unused() => RunAsync();

    [Fact]
    public Task A_store_can_be_disposed_twice() => RunAsync();

    [Fact]
    public Task A_disposed_store_says_so_or_goes_on() => RunAsync();

    [Fact]
    public Task Disposing_one_store_leaves_another_on_the_same_data_working() => RunAsync();

    [Fact]
    public Task Many_threads_can_use_one_store() => RunAsync();

    [Fact]
    public Task Two_first_calls_at_once_work() => RunAsync();
}
