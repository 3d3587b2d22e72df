namespace SessionStores.Conformance.Suites;

/// <content>What is listed and counted is what the server has now: not what this process has written, and not what it saw a moment ago.</content>
internal sealed partial class EnumerationSuite
{
    [Clause("L13", "L4", Needs = StoreCapabilities.Enumeration)]
    public Task The_length_follows_each_write_at_once() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var (id, other, newId) = (NewId(), NewId(), NewId());
        foreach (var (count, write) in new (int, Func<Task>)[]
        {
            (0, () => Task.CompletedTask),
            (1, () => store.CreateAsync(id, Content()).AsTask()),
            (2, () => store.SetAsync(other, Content()).AsTask()),
            (2, () => store.RotateAsync(id, newId, SessionVersion.Any, Content()).AsTask()),
            (1, () => store.DestroyAsync(other).AsTask()),
            (0, () => many.ClearAsync().AsTask()),
            (1, () => store.CreateAsync(id, Content()).AsTask()),
        })
        {
            await write();
            Expect.Equal((long)count, await many.LengthAsync(), "the length right after a write");
            Expect.Equal(count, (await ListAsync(many.AllAsync())).Count, "the number of sessions listed right after a write");
        }
    });

    [Clause("L13", "L4", Needs = StoreCapabilities.Enumeration | StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_lists_and_counts_the_same() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var many = there.Require<ISessionEnumeration>();
        var (id, other, newId) = (NewId(), NewId(), NewId());
        var version = (await here.CreateAsync(id, Content())).Version;
        SameIds([id], await ListAsync(many.AllAsync()));
        await here.SetAsync(other, Content());
        Expect.Equal(2L, await many.LengthAsync(), "the length that another store returns after a set");
        await there.RotateAsync(id, newId, version, Content());
        SameIds([other, newId], await ListAsync(here.Require<ISessionEnumeration>().AllAsync()));
        Expect.Equal(2L, await here.Require<ISessionEnumeration>().LengthAsync(), "the length that the first store returns after a rotation of the other");
        await here.DestroyAsync(newId);
        SameIds([other], await ListAsync(many.AllAsync()));
        Expect.Equal(1L, await many.LengthAsync(), "the length that another store returns after a destroy");
    });

    [Clause("L13", "L4", "L9", Needs = StoreCapabilities.Enumeration | StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_sees_a_clear() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var ids = await FillAsync(here, 5, "alice");
        foreach (var id in ids)
            Expect.Found(await here.GetAsync(id), "the session at the store that wrote it");

        await there.Require<ISessionEnumeration>().ClearAsync();

        foreach (var id in ids)
            Expect.Null(await here.GetAsync(id), "a session at the store that wrote it, after a clear of the other");

        Expect.Equal(0L, await here.Require<ISessionEnumeration>().LengthAsync(), "the length at the store that wrote the sessions");
        if (here.GetCapability<ISessionSubjects>() is { } subjects)
            Expect.Equal(0, (await ListAsync(subjects.ListBySubjectAsync("alice"))).Count, "the number of sessions of the subject");

        // A clear removes sessions and not what the other node needs to work.
        await StoredAsync(here, ids[0], Content("again"));
        await HasAsync(there, ids[0], "again");
    });

    [Clause("L13", "L9", Needs = StoreCapabilities.Enumeration)]
    public Task A_session_that_was_just_read_is_over_after_a_clear() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var id = NewId();
        await StoredAsync(store, id, Content());

        await many.ClearAsync();

        Expect.Null(await store.GetAsync(id), "the session after the clear");
        Expect.True(!await store.TouchAsync(id, Later), "touch after the clear returns false");
    });

    [Clause("L13", "L1", Needs = StoreCapabilities.Enumeration | StoreCapabilities.StoredCount)]
    public Task Clear_removes_what_has_expired() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        await FillAsync(store, 3, "alice");
        var soon = await FillSoonAsync(store, 5);
        await Context.PassAsync(soon);

        await many.ClearAsync();

        Expect.Equal(0L, await Fixture.CountStoredAsync(Context.Namespace), "what is stored after a clear of live and expired sessions");
    });

    [Clause("L13", "L19", Needs = StoreCapabilities.Enumeration | StoreCapabilities.UnreadableRecords)]
    public Task Clear_removes_a_record_that_cannot_be_read() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var id = NewId();
        await FillAsync(store, 3);
        await Fixture.PlantUnreadableAsync(Context.Namespace, id);

        await many.ClearAsync();

        Expect.Null(await store.GetAsync(id), "the record that could not be read, after the clear");
        Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, Content())).Status, "create under its id");
    });
}
