namespace SessionStores.Conformance.Suites;

/// <summary>What each operation returns for a session that is absent, live or destroyed.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class LifecycleSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L1")]
    public Task Get_of_an_absent_id_returns_null() => RunAsync(async store =>
    {
        Expect.Null(await store.GetAsync(NewId()), "the result for an id that was never stored");
    });

    [Clause("L2", "L4")]
    public Task A_created_session_is_read_as_it_was_written() => RunAsync(async (store, id) =>
    {
        var expiresAt = Later;

        await store.CreateAsync(id, Content("written", expiresAt, "alice"));

        var record = await HasAsync(store, id, "written");
        Expect.Equal(id, record.Id);
        Expect.Equal(expiresAt, record.ExpiresAt);
        Expect.Equal(TimeSpan.Zero, record.ExpiresAt.Offset, "the offset of the expiry");
        Expect.Equal("alice", record.Subject);
    });

    [Clause("L2")]
    public Task A_session_without_a_subject_has_none() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());

        Expect.Null(record.Subject);
    });

    [Clause("L2")]
    public Task Reading_twice_returns_the_same() => RunAsync(async (store, id) =>
    {
        var first = await StoredAsync(store, id, Content("same", null, "bob"));

        var second = await HasAsync(store, id, "same");

        Expect.Equal(first.ExpiresAt, second.ExpiresAt);
        Expect.Equal(first.Subject, second.Subject);
        Expect.True(first.Version == second.Version, "two reads without a write between return equal versions");
    });

    [Clause("L5")]
    public Task Create_of_a_free_id_returns_written() => RunAsync(async store =>
    {
        var result = await store.CreateAsync(NewId(), Content());

        Expect.Equal(SessionWriteStatus.Written, result.Status);
    });

    [Clause("L5")]
    public Task Create_of_a_taken_id_returns_taken() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());

        var result = await store.CreateAsync(id, Content("two"));

        Expect.Equal(SessionWriteStatus.Taken, result.Status);
    });

    [Clause("L5")]
    public Task Create_of_a_taken_id_leaves_the_session_as_it_was() => RunAsync(async (store, id) =>
    {
        var before = await StoredAsync(store, id, Content("one", null, "alice"));

        await store.CreateAsync(id, Content("two", Round(before.ExpiresAt.AddHours(3)), "mallory"));

        var record = await HasAsync(store, id, "one");
        Expect.Equal(before.ExpiresAt, record.ExpiresAt);
        Expect.Equal("alice", record.Subject);
        Expect.True(before.Version == record.Version, "the version is as it was");
    });

    [Clause("L5")]
    public Task Create_with_the_same_content_is_taken_too() => RunAsync(async (store, id) =>
    {
        var content = Content();
        await StoredAsync(store, id, content);

        Expect.Equal(SessionWriteStatus.Taken, (await store.CreateAsync(id, content)).Status, "the status of a repeated create");
    });

    [Clause("L5", "L1")]
    public Task An_expired_session_does_not_hold_its_id() => RunAsync(async (store, id) =>
    {
        var soon = Soon();
        await store.CreateAsync(id, Content("old", soon, "alice"));
        await Context.PassAsync(soon);

        var record = await StoredAsync(store, id, Content("new"));

        Expect.Bytes(Payload("new"), record.Payload);
        Expect.Null(record.Subject, "the subject of the new session");
    });

    [Clause("L5", "L6")]
    public Task The_version_of_a_create_is_that_of_the_next_read() => RunAsync(async (store, id) =>
    {
        var result = await store.CreateAsync(id, Content("one", null, "alice"));

        Expect.True(result.Version == (await HasAsync(store, id, "one")).Version, "create and the next read return equal versions");
    });

    [Clause("L5", "L11")]
    public Task Create_of_a_taken_id_with_expired_content_is_taken() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());

        var result = await store.CreateAsync(id, Content("two", Round(Context.Now.AddHours(-1))));

        Expect.Equal(SessionWriteStatus.Taken, result.Status);
        await HasAsync(store, id, "one");
    });

    [Clause("L5", "L17")]
    public Task Many_sessions_are_kept_apart() => RunAsync(async store =>
    {
        var ids = Enumerable.Range(0, 200).Select(_ => NewId()).ToList();
        for (var i = 0; i < ids.Count; i++)
            await store.CreateAsync(ids[i], Content($"m{i}"));

        for (var i = 0; i < ids.Count; i++)
            await HasAsync(store, ids[i], $"m{i}");
    });

    [Clause("L9")]
    public Task A_destroyed_session_is_gone() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());

        var wasThere = await store.DestroyAsync(id);

        Expect.True(wasThere, "destroy of a live session returns true");
        Expect.Null(await store.GetAsync(id), "the result after the destroy");
    });

    [Clause("L9")]
    public Task Destroying_again_succeeds_and_returns_false() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());
        await store.DestroyAsync(id);

        Expect.True(!await store.DestroyAsync(id), "a second destroy returns false");
        Expect.True(!await store.DestroyAsync(id), "a third destroy returns false");
    });

    [Clause("L9")]
    public Task Destroying_what_never_was_returns_false() => RunAsync(async store =>
    {
        Expect.True(!await store.DestroyAsync(NewId()), "destroy of an absent id returns false");
    });

    [Clause("L9")]
    public Task Destroy_removes_no_other_session() => RunAsync(async store =>
    {
        var (id, other) = (NewId(), NewId());
        await StoredAsync(store, id, Content());
        await StoredAsync(store, other, Content("other"));

        await store.DestroyAsync(id);

        await HasAsync(store, other, "other");
    });

    [Clause("L5", "L9")]
    public Task The_id_of_a_destroyed_session_is_free_again() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content("old", null, "alice"));
        await store.DestroyAsync(id);

        var record = await StoredAsync(store, id, Content("new"));

        Expect.Bytes(Payload("new"), record.Payload);
        Expect.Null(record.Subject, "the subject of the new session");
    });

    [Clause("L7")]
    public Task Set_stores_an_absent_session() => RunAsync(async (store, id) =>
    {
        var expiresAt = Later;

        await store.SetAsync(id, Content("set", expiresAt, "alice"));

        var record = await HasAsync(store, id, "set");
        Expect.Equal(expiresAt, record.ExpiresAt);
        Expect.Equal("alice", record.Subject);
    });

    [Clause("L7")]
    public Task Set_overwrites_payload_expiry_and_subject() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content("old", Round(Later.AddHours(5)), "alice"));
        var earlier = Later;

        await store.SetAsync(id, Content("new", earlier, "bob"));

        var record = await HasAsync(store, id, "new");
        Expect.Equal(earlier, record.ExpiresAt);
        Expect.Equal("bob", record.Subject);
    });

    [Clause("L7")]
    public Task Set_can_take_the_subject_away() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content("old", null, "alice"));

        await store.SetAsync(id, Content("new"));

        Expect.Null((await HasAsync(store, id, "new")).Subject, "the subject after a set without one");
    });

    [Clause("L7")]
    public Task Set_brings_back_a_destroyed_id() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());
        await store.DestroyAsync(id);

        await store.SetAsync(id, Content("imported"));

        await HasAsync(store, id, "imported");
    });

    [Clause("L4", Needs = StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_sees_a_write_that_returned() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var id = NewId();

        // Each has read what the other is about to change, so that a copy it kept would show.
        var created = await here.CreateAsync(id, Content("one"));
        await HasAsync(there, id, "one");

        await here.ReplaceAsync(id, created.Version, Content("two"));
        await HasAsync(there, id, "two");
        await HasAsync(here, id, "two");

        await there.SetAsync(id, Content("three"));
        await HasAsync(here, id, "three");
    });

    [Clause("L4", "L9", Needs = StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_sees_a_destroy_that_returned() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var id = NewId();
        await StoredAsync(here, id, Content());
        await HasAsync(there, id, "one");

        await here.DestroyAsync(id);

        Expect.Null(await there.GetAsync(id), "what the other store returns after the destroy");
    });

    [Clause("L4", "L8", Needs = StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_sees_a_touch_that_returned() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var id = NewId();
        var record = await StoredAsync(here, id, Content());
        await HasAsync(there, id, "one");
        var later = Round(record.ExpiresAt.AddHours(1));

        await here.TouchAsync(id, later);

        Expect.Equal(later, Expect.Found(await there.GetAsync(id)).ExpiresAt, "the expiry that the other store returns");
    });

    [Clause("L4", "L10", Needs = StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_sees_a_rotation_that_returned() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var (id, newId) = (NewId(), NewId());
        await StoredAsync(here, id, Content());
        await HasAsync(there, id, "one");

        await here.RotateAsync(id, newId, SessionVersion.Any, Content("two"));

        Expect.Null(await there.GetAsync(id), "what the other store returns for the old id");
        await HasAsync(there, newId, "two");
    });
}
