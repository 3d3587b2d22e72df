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
}
