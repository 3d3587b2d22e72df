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

    [Clause("L24")]
    public Task Keys_are_declared_if_the_store_has_them() => RunAsync(() => DeclaredAsync<ISessionKeys>(StoreCapabilities.Keys));

    [Clause("L15")]
    public Task Pruning_is_declared_if_the_store_has_it() => RunAsync(() => DeclaredAsync<ISessionPruning>(StoreCapabilities.Pruning));

    [Clause("L22")]
    public Task Caps_are_declared_if_the_store_has_them() => RunAsync(() => DeclaredAsync<ISessionCaps>(StoreCapabilities.Caps));

    [Clause("L23")]
    public Task Epochs_are_declared_if_the_store_has_them() => RunAsync(() => DeclaredAsync<ISessionEpochs>(StoreCapabilities.Epochs));

    [Clause("L15")]
    public Task Expirations_are_declared_if_the_store_has_them() => RunAsync(() => DeclaredAsync<ISessionExpirations>(StoreCapabilities.Expirations));

    [Clause("L10")]
    public Task Successors_are_declared_if_the_store_has_them() => RunAsync(() => DeclaredAsync<ISessionSuccessors>(StoreCapabilities.Successors));

    [Clause("L20")]
    public Task A_capability_is_the_same_object_each_time() => RunAsync(async store =>
    {
        Same<ISessionEnumeration>(store);
        Same<ISessionSubjects>(store);
        Same<ISessionKeys>(store);
        Same<ISessionPruning>(store);
        Same<ISessionCaps>(store);
        Same<ISessionEpochs>(store);
        Same<ISessionExpirations>(store);
        Same<ISessionSuccessors>(store);
        await StoredAsync(store, NewId(), Content());
        Same<ISessionEnumeration>(store);
        Same<ISessionSubjects>(store);
        Same<ISessionPruning>(store);
    });

    [Clause("L20")]
    public Task A_store_is_found_by_its_own_class() => RunAsync(async () =>
    {
        var store = await Context.OpenAsync();
        var type = store.GetType();
        var found = typeof(ISessionStore).GetMethod(nameof(ISessionStore.GetCapability))!.MakeGenericMethod(type).Invoke(store, null);

        Expect.True(ReferenceEquals(store, found), $"GetCapability<{type.Name}>() of a {type.Name} returns it, not {found?.GetType().Name ?? "null"}");
        Expect.Null(store.GetCapability<Absent>(), "a capability that no store has");
    });

    [Clause("L13", "L21")]
    public Task The_key_space_is_one_text_for_each_namespace() => RunAsync(async () =>
    {
        var (here, other) = (await Context.OpenAsync(), await Context.OpenAsync(Context.NewNamespace()));
        if (here.KeySpace is not { } place)
            throw new NotOfferedException("the store does not say where its sessions are");

        Expect.NotEqual(place, other.KeySpace, "the key space of another namespace");
        await StoredAsync(here, NewId(), Content());
        Expect.Equal(place, here.KeySpace, "the key space after the first call");
        if (Context.Offers(StoreCapabilities.SharedData))
            Expect.Equal(place, (await Context.OpenAsync()).KeySpace, "the key space of another store on the same data");

        Expect.True(!Fixture.Secrets.Any(secret => place.Contains(secret, StringComparison.Ordinal)), "the key space holds no connection text");
    });

    private static void Same<TCapability>(ISessionStore store)
        where TCapability : class =>
        Expect.True(ReferenceEquals(store.GetCapability<TCapability>(), store.GetCapability<TCapability>()), $"GetCapability<{typeof(TCapability).Name}>() returns the same object each time");

    private sealed class Absent;

    private async Task DeclaredAsync<TCapability>(StoreCapabilities capability)
        where TCapability : class
    {
        var store = await OpenAsync();

        Expect.Equal(store.GetCapability<TCapability>() is not null, Context.Offers(capability), $"the fixture's declaration of {capability}");
    }
}
