namespace SessionStores.Conformance;

/// <summary>What the fixture says the store offers is what the store is.</summary>
internal sealed class CapabilityCases : CaseGroup
{
    [ConformanceCase("L13")]
    public Task Enumeration_is_declared_if_the_store_has_it() =>
        DeclaredAsync<ISessionEnumeration>(StoreCapabilities.Enumeration);

    [ConformanceCase("L14")]
    public Task Subjects_are_declared_if_the_store_has_them() => DeclaredAsync<ISessionSubjects>(StoreCapabilities.Subjects);

    [ConformanceCase("L15")]
    public Task Pruning_is_declared_if_the_store_has_it() => DeclaredAsync<ISessionPruning>(StoreCapabilities.Pruning);

    private async Task DeclaredAsync<TCapability>(StoreCapabilities capability)
    {
        var store = await OpenAsync();

        Expect.Equal(store is TCapability, Context.Offers(capability), $"the fixture's declaration of {capability}");
    }
}
