namespace SessionStores.Conformance.Suites;

/// <summary>The fixture declares what the store offers.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class CapabilitySuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L13")]
    public Task Enumeration_is_declared_if_the_store_has_it() => RunAsync(() =>
        DeclaredAsync<ISessionEnumeration>(StoreCapabilities.Enumeration));

    [Clause("L14")]
    public Task Subjects_are_declared_if_the_store_has_them() => RunAsync(() => DeclaredAsync<ISessionSubjects>(StoreCapabilities.Subjects));

    [Clause("L15")]
    public Task Pruning_is_declared_if_the_store_has_it() => RunAsync(() => DeclaredAsync<ISessionPruning>(StoreCapabilities.Pruning));

    [Clause("L22")]
    public Task Caps_are_declared_if_the_store_has_them() => RunAsync(() => DeclaredAsync<ISessionCaps>(StoreCapabilities.Caps));

    [Clause("L15")]
    public Task Expirations_are_declared_if_the_store_has_them() => RunAsync(() => DeclaredAsync<ISessionExpirations>(StoreCapabilities.Expirations));

    [Clause("L10")]
    public Task Successors_are_declared_if_the_store_has_them() => RunAsync(() => DeclaredAsync<ISessionSuccessors>(StoreCapabilities.Successors));

    private async Task DeclaredAsync<TCapability>(StoreCapabilities capability)
        where TCapability : class
    {
        var store = await OpenAsync();

        Expect.Equal(store.GetCapability<TCapability>() is not null, Context.Offers(capability), $"the fixture's declaration of {capability}");
    }
}
