namespace SessionStores.Conformance.Suites;

/// <summary>Two namespaces on one server know nothing of each other, also when the name of one begins with that of the other.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class IsolationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L13", "L16")]
    public Task One_id_is_a_session_of_its_own_in_each_namespace() => RunAsync(async () =>
    {
        var (here, there) = await OpenBothAsync();
        var id = NewId();
        await StoredAsync(here, id, Content("here"));

        Expect.Null(await there.GetAsync(id), "the session in the other namespace");
        await StoredAsync(there, id, Content("there"));

        await HasAsync(here, id, "here");
        await HasAsync(there, id, "there");
    });

    [Clause("L13", "L6", "L8", "L10")]
    public Task Writes_in_one_namespace_change_nothing_in_the_other() => RunAsync(async () =>
    {
        var (here, there) = await OpenBothAsync();
        var (id, newId) = (NewId(), NewId());
        var mine = await StoredAsync(here, id, Content());
        var theirs = await StoredAsync(there, id, Content());

        await here.ReplaceAsync(id, mine.Version, Content("two"));
        await here.TouchAsync(id, Later.AddHours(5));
        await here.RotateAsync(id, newId, SessionVersion.Any, Content("three"));
        await here.DestroyAsync(newId);

        var record = await HasAsync(there, id, "one");
        Expect.Equal(theirs.ExpiresAt, record.ExpiresAt);
        Expect.Null(await there.GetAsync(newId), "the new id in the other namespace");
    });

    [Clause("L13", "L9", "L10")]
    public Task A_rotation_in_one_namespace_links_nothing_in_the_other() => RunAsync(async () =>
    {
        var (here, there) = await OpenBothAsync();
        var (id, newId) = (NewId(), NewId());
        await StoredAsync(here, id, Content("here"));
        await StoredAsync(there, newId, Content("there", null, "alice"));
        await here.RotateAsync(id, newId, SessionVersion.Any, Content("here"));

        Expect.True(!await there.DestroyAsync(id), "destroy of an id that was rotated in the other namespace returns false");
        await HasAsync(there, newId, "there");
        if (there.GetCapability<ISessionSubjects>() is { } subjects)
            Expect.Equal(1L, await subjects.DestroyBySubjectAsync("alice", [id]), "the number of sessions destroyed but that of an id that was rotated in the other namespace");

        await there.DestroyAsync(newId);
        if (there.GetCapability<ISessionEnumeration>() is { } many)
            await many.ClearAsync();

        Expect.True(await here.DestroyAsync(id), "destroy of the rotated id returns true in its own namespace");
    });

    [Clause("L13", "L16")]
    public Task Ids_cannot_reach_into_another_namespace() => RunAsync(async () =>
    {
        var (shortStore, longStore, suffix) = await OpenNestedAsync();
        var id = NewId();
        await StoredAsync(longStore, id, Content("long"));

        foreach (var separator in new[] { "", ":", "_", "-", ".", "/", "::" })
        {
            var reaching = suffix + separator + id;
            Expect.Null(await shortStore.GetAsync(reaching), $"the session under an id with '{separator}'");
            Expect.True(!await shortStore.DestroyAsync(reaching), $"destroy of an id with '{separator}' returns false");
            await StoredAsync(shortStore, reaching, Content("short"));
        }

        await HasAsync(longStore, id, "long");
    });

    [Clause("L13", Needs = StoreCapabilities.Enumeration)]
    public Task Listing_and_counting_see_one_namespace() => RunAsync(async () =>
    {
        var (shortStore, longStore, _) = await OpenNestedAsync();
        var (mine, theirs) = (NewId(), NewId());
        await shortStore.CreateAsync(mine, Content());
        await longStore.CreateAsync(theirs, Content());
        await longStore.CreateAsync(NewId(), Content());

        var listed = await ListAsync(shortStore.Require<ISessionEnumeration>().AllAsync());

        Expect.Equal(mine, string.Join(' ', listed.Select(record => record.Id)), "the ids listed in the one namespace");
        Expect.Equal(1L, await shortStore.Require<ISessionEnumeration>().LengthAsync(), "the length of the one namespace");
        Expect.Equal(2L, await longStore.Require<ISessionEnumeration>().LengthAsync(), "the length of the other namespace");
    });

    [Clause("L13", Needs = StoreCapabilities.Enumeration)]
    public Task Clear_removes_one_namespace_and_nothing_else() => RunAsync(async () =>
    {
        var (shortStore, longStore, _) = await OpenNestedAsync();
        var (mine, theirs) = (NewId(), NewId());
        await shortStore.CreateAsync(mine, Content("mine", null, "alice"));
        await longStore.CreateAsync(theirs, Content("theirs", null, "alice"));

        await shortStore.Require<ISessionEnumeration>().ClearAsync();

        Expect.Null(await shortStore.GetAsync(mine), "the session in the namespace that was cleared");
        await HasAsync(longStore, theirs, "theirs");
        if (longStore.GetCapability<ISessionSubjects>() is { } subjects)
            Expect.Equal(1, (await ListAsync(subjects.ListBySubjectAsync("alice"))).Count, "the number of sessions of the subject in the other namespace");
    });

    [Clause("L14", Needs = StoreCapabilities.Subjects)]
    public Task A_subject_has_its_sessions_in_each_namespace() => RunAsync(async () =>
    {
        var (shortStore, longStore, _) = await OpenNestedAsync();
        var (mine, theirs) = (NewId(), NewId());
        await shortStore.CreateAsync(mine, Content("mine", null, "alice"));
        await longStore.CreateAsync(theirs, Content("theirs", null, "alice"));

        Expect.Equal(1, (await ListAsync(shortStore.Require<ISessionSubjects>().ListBySubjectAsync("alice"))).Count, "the number of sessions of the subject");
        Expect.Equal(1L, await shortStore.Require<ISessionSubjects>().DestroyBySubjectAsync("alice"), "the number of sessions destroyed");
        await HasAsync(longStore, theirs, "theirs");
        Expect.Equal(1, (await ListAsync(longStore.Require<ISessionSubjects>().ListBySubjectAsync("alice"))).Count, "the number of sessions of the subject in the other namespace");
    });

    [Clause("L15", Needs = StoreCapabilities.Pruning | StoreCapabilities.StoredCount)]
    public Task Prune_removes_what_expired_in_its_own_namespace() => RunAsync(async () =>
    {
        var (shortName, longName) = NestedNames();
        var (shortStore, longStore) = (await Context.OpenAsync(shortName), await Context.OpenAsync(longName));
        var soon = Soon();
        await shortStore.CreateAsync(NewId(), Content("mine", soon));
        await longStore.CreateAsync(NewId(), Content("theirs"));
        await Context.PassAsync(soon);

        await shortStore.Require<ISessionPruning>().PruneAsync();

        Expect.Equal(0L, await Fixture.CountStoredAsync(shortName), "what is stored in the namespace that was pruned");
        Expect.Equal(1L, await Fixture.CountStoredAsync(longName), "what is stored in the other namespace");
    });

    private async Task<(ISessionStore Here, ISessionStore There)> OpenBothAsync() =>
        (await OpenAsync(), await Context.OpenAsync(Context.NewNamespace()));

    private async Task<(ISessionStore Short, ISessionStore Long, string Suffix)> OpenNestedAsync()
    {
        var (shortName, longName) = NestedNames();
        return (await Context.OpenAsync(shortName), await Context.OpenAsync(longName), longName[shortName.Length..]);
    }

    private (string Short, string Long) NestedNames()
    {
        var longName = Context.Namespace + "x1";
        Context.AddNamespace(longName);
        return (Context.Namespace, longName);
    }
}
