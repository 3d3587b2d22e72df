using Xunit;

namespace SessionStores.Conformance;

/// <summary>What the fixture says the store offers is what the store is.</summary>
/// <param name="fixture">The fixture of the store.</param>
public abstract class CapabilitySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture, "Capability")
{
    [Fact]
    public Task Enumeration_is_declared_if_the_store_has_it() => RunAsync();

    [Fact]
    public Task Subjects_are_declared_if_the_store_has_them() => RunAsync();

    [Fact]
    public Task Pruning_is_declared_if_the_store_has_it() => RunAsync();
}
