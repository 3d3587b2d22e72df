namespace SessionStores.Conformance.Suites;

/// <summary>A version represents the stored content, whichever program wrote it.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class VersionSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L6")]
    public Task The_version_of_a_replace_is_that_of_the_next_read() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content());

        var result = await store.ReplaceAsync(id, loaded.Version, Content("two", null, "alice"));

        Expect.True(result.Version == (await HasAsync(store, id, "two")).Version, "replace and the next read return equal versions");
    });

    [Clause("L6", "L10")]
    public Task The_version_of_a_rotation_is_that_of_the_next_read() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var loaded = await StoredAsync(store, id, Content());

        var result = await store.RotateAsync(id, newId, loaded.Version, Content("two", null, "alice"));

        Expect.True(result.Version == (await HasAsync(store, newId, "two")).Version, "rotate and the next read return equal versions");
        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(newId, result.Version, Content("three"))).Status, "replace with that version");
    });

    [Clause("L6")]
    public Task Another_payload_has_another_version() => RunAsync(async (store, id) =>
    {
        var before = await StoredAsync(store, id, Content());
        await store.SetAsync(id, Content("two"));

        Expect.True(before.Version != (await HasAsync(store, id, "two")).Version, "the version differs after another payload was written");
    });

    [Clause("L6")]
    public Task A_payload_that_differs_in_one_byte_has_another_version() => RunAsync(async (store, id) =>
    {
        var filler = new string('x', 4000);
        var before = await StoredAsync(store, id, Content(filler + "a"));
        await store.SetAsync(id, Content(filler + "b"));

        var result = await store.ReplaceAsync(id, before.Version, Content("mine"));

        Expect.Equal(SessionWriteStatus.Conflict, result.Status);
    });

    [Clause("L6", Needs = StoreCapabilities.Subjects)]
    public Task A_change_of_only_the_subject_is_a_conflict() => RunAsync(async (store, id) =>
    {
        var before = await StoredAsync(store, id, Content("one", null, "alice"));
        await store.SetAsync(id, Content("one", null, "bob"));

        var result = await store.ReplaceAsync(id, before.Version, Content("two", null, "alice"));

        Expect.Equal(SessionWriteStatus.Conflict, result.Status);
        Expect.Equal("bob", (await HasAsync(store, id, "one")).Subject, "the subject after the conflict");
    });

    [Clause("L6", Needs = StoreCapabilities.Subjects)]
    public Task A_subject_that_was_added_is_a_conflict() => RunAsync(async (store, id) =>
    {
        var before = await StoredAsync(store, id, Content());
        await store.SetAsync(id, Content("one", null, "bob"));

        Expect.Equal(SessionWriteStatus.Conflict, (await store.ReplaceAsync(id, before.Version, Content("two"))).Status, "the status of the replace");
    });

    [Clause("L6", "L8")]
    public Task A_touch_between_load_and_replace_is_no_conflict() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content());
        await store.TouchAsync(id, Round(loaded.ExpiresAt.AddHours(1)));

        var result = await store.ReplaceAsync(id, loaded.Version, Content("two"));

        Expect.Equal(SessionWriteStatus.Written, result.Status);
    });

    [Clause("L6", "L3")]
    public Task A_slide_between_load_and_replace_is_no_conflict() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content());
        var extendTo = Round(loaded.ExpiresAt.AddHours(1));
        var slid = Expect.Found(await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(1), extendTo)));

        Expect.Equal(extendTo, slid.ExpiresAt);
        Expect.True(loaded.Version == slid.Version, "a slide does not change the version");
        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, loaded.Version, Content("two"))).Status, "the status of the replace");
    });

    [Clause("L6", "L10")]
    public Task A_version_that_was_never_loaded_is_refused() => RunAsync(async (store, id) =>
    {
        var newId = NewId();
        await StoredAsync(store, id, Content());

        await Expect.ThrowsAsync<ArgumentException>(() => store.ReplaceAsync(id, default, Content("two")).AsTask(), "replace with default(SessionVersion)");
        await Expect.ThrowsAsync<ArgumentException>(() => store.RotateAsync(id, newId, default, Content("two")).AsTask(), "rotate with default(SessionVersion)");

        await HasAsync(store, id, "one");
        Expect.Null(await store.GetAsync(newId), "the session under the new id");
    });

    [Clause("L6")]
    public Task A_version_that_the_store_never_returned_is_a_conflict() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());

        var result = await store.ReplaceAsync(id, SessionVersion.Of(Json("'\"; --")), Content("two"));

        Expect.Equal(SessionWriteStatus.Conflict, result.Status);
        await HasAsync(store, id, "one");
    });

    [Clause("L6", Needs = StoreCapabilities.PeerWrites)]
    public Task A_blind_write_of_a_peer_is_noticed_by_replace() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content());
        await WriteAsPeerAsync(store, id, Payload("peer"), Later);

        var result = await store.ReplaceAsync(id, loaded.Version, Content("mine"));

        Expect.Equal(SessionWriteStatus.Conflict, result.Status);
        await HasAsync(store, id, "peer");
    });

    [Clause("L6", "L10", Needs = StoreCapabilities.PeerWrites)]
    public Task A_blind_write_of_a_peer_is_noticed_by_rotate() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var loaded = await StoredAsync(store, id, Content());
        await WriteAsPeerAsync(store, id, Payload("peer"), Later);

        var result = await store.RotateAsync(id, newId, loaded.Version, Content("mine"));

        Expect.Equal(SessionWriteStatus.Conflict, result.Status);
        await HasAsync(store, id, "peer");
        Expect.Null(await store.GetAsync(newId), "the session under the new id");
    });

    [Clause("L2", "L6", Needs = StoreCapabilities.PeerWrites)]
    public Task A_session_that_a_peer_wrote_is_read_replaced_and_destroyed_like_any_other() => RunAsync(async (store, id) =>
    {
        var expiresAt = Later;
        await WriteAsPeerAsync(store, id, Payload("peer"), expiresAt);

        var record = await HasAsync(store, id, "peer");
        Expect.Equal(expiresAt, record.ExpiresAt);
        Expect.Equal(SessionWriteStatus.Taken, (await store.CreateAsync(id, Content())).Status, "create under the peer's id");
        Expect.Equal(SessionWriteStatus.Written, (await store.ReplaceAsync(id, record.Version, Content("mine"))).Status, "replace of the peer's session");
        await HasAsync(store, id, "mine");
        Expect.True(await store.DestroyAsync(id), "destroy of the peer's session returns true");
    });

    [Clause("L19", Needs = StoreCapabilities.UnreadableRecords)]
    public Task A_record_that_cannot_be_read_is_a_typed_fault_and_stays() => RunAsync(async (store, id) =>
    {
        await PlantUnreadableAsync(store, id);

        for (var i = 0; i < 2; i++)
        {
            var fault = await Expect.ThrowsAsync<SessionStoreException>(() => store.GetAsync(id).AsTask(), "get of an unreadable record");
            Expect.Equal(SessionStoreFault.Unreadable, fault.Fault);
            var slide = new SlidingExpiry(AlwaysDue, Later.AddHours(3));
            fault = await Expect.ThrowsAsync<SessionStoreException>(() => store.GetAsync(id, slide).AsTask(), "a slide of an unreadable record");
            Expect.Equal(SessionStoreFault.Unreadable, fault.Fault);
        }
    });

    [Clause("L19", "L17", Needs = StoreCapabilities.PeerWrites)]
    public Task What_a_peer_wrote_that_is_no_object_cannot_be_read() => RunAsync(async store =>
    {
        foreach (var json in new[] { "[1,2]", "[]", "\"text\"", "1", "true" })
        {
            var id = NewId();
            await WriteAsPeerAsync(store, id, Json(json), Later);

            var fault = await Expect.ThrowsAsync<SessionStoreException>(() => store.GetAsync(id).AsTask(), $"get of a record that is {json}");
            Expect.Equal(SessionStoreFault.Unreadable, fault.Fault, $"the fault of a record that is {json}");
        }
    });

    [Clause("L1", "L5", "L6", "L8", "L9", "L19", Needs = StoreCapabilities.PeerWrites)]
    public Task A_record_that_cannot_be_read_expires_like_any_other() => RunAsync(async store =>
    {
        var (id, newId, soon) = (NewId(), NewId(), Soon());
        await WriteAsPeerAsync(store, id, Json("[1,2]"), soon);
        await Context.PassAsync(soon);

        Expect.Null(await store.GetAsync(id), "the expired record that cannot be read");
        Expect.Null(await store.GetAsync(id, new SlidingExpiry(AlwaysDue, Later)), "the expired record that cannot be read, with a slide");
        Expect.True(!await store.TouchAsync(id, Later), "touch of an expired record that cannot be read returns false");
        Expect.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync(id, SessionVersion.Any, Content())).Status, "replace of an expired record that cannot be read");
        Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(id, newId, SessionVersion.Any, Content())).Status, "rotate of an expired record that cannot be read");
        Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, Content())).Status, "create over an expired record that cannot be read");
        await HasAsync(store, id, "one");
    });

    [Clause("L9", "L19", Needs = StoreCapabilities.UnreadableRecords)]
    public Task A_record_that_cannot_be_read_can_be_destroyed() => RunAsync(async (store, id) =>
    {
        await PlantUnreadableAsync(store, id);

        await store.DestroyAsync(id);

        Expect.Null(await store.GetAsync(id), "the session after the destroy");
    });

    [Clause("L19", "L5", "L6", "L8", "L10", Needs = StoreCapabilities.UnreadableRecords)]
    public Task A_record_that_cannot_be_read_is_live_for_writes_that_depend_on_it() => RunAsync(async store =>
    {
        var (id, other, newId) = (NewId(), NewId(), NewId());
        var version = (await StoredAsync(store, other, Content())).Version;
        await PlantUnreadableAsync(store, id);

        await IsOrUnreadableAsync(SessionWriteStatus.Taken, async () => (await store.CreateAsync(id, Content())).Status, "create under the id");
        await IsOrUnreadableAsync(SessionWriteStatus.Conflict, async () => (await store.ReplaceAsync(id, version, Content())).Status, "replace");
        await IsOrUnreadableAsync(SessionWriteStatus.Conflict, async () => (await store.RotateAsync(id, newId, version, Content())).Status, "rotate with a version");
        await IsOrUnreadableAsync(SessionWriteStatus.Taken, async () => (await store.RotateAsync(other, id, version, Content())).Status, "rotate to the id");
        await IsOrUnreadableAsync(true, async () => await store.TouchAsync(id, Later), "touch");

        var fault = await Expect.ThrowsAsync<SessionStoreException>(() => store.GetAsync(id).AsTask(), "get after these writes");
        Expect.Equal(SessionStoreFault.Unreadable, fault.Fault);
        Expect.Null(await store.GetAsync(newId), "the session under the new id");
        await HasAsync(store, other, "one");
    });

    [Clause("L6", "L10", "L19", Needs = StoreCapabilities.UnreadableRecords)]
    public Task A_record_that_cannot_be_read_is_replaced_or_rotated_with_any_version() => RunAsync(async (store, id) =>
    {
        var (other, newId) = (NewId(), NewId());
        await PlantUnreadableAsync(store, id);
        await PlantUnreadableAsync(store, other);

        if (await IsOrUnreadableAsync(SessionWriteStatus.Written, async () => (await store.ReplaceAsync(id, SessionVersion.Any, Content())).Status, "replace with any version"))
            await HasAsync(store, id, "one");

        if (await IsOrUnreadableAsync(SessionWriteStatus.Written, async () => (await store.RotateAsync(other, newId, SessionVersion.Any, Content())).Status, "rotate with any version"))
            await HasAsync(store, newId, "one");
    });

    [Clause("L7", "L19", Needs = StoreCapabilities.UnreadableRecords)]
    public Task Set_overwrites_a_record_that_cannot_be_read() => RunAsync(async (store, id) =>
    {
        await PlantUnreadableAsync(store, id);

        await store.SetAsync(id, Content());

        await HasAsync(store, id, "one");
    });

    [Clause("L10", "L19", Needs = StoreCapabilities.UnreadableRecords)]
    public Task A_rotation_without_a_version_moves_a_record_that_cannot_be_read_or_refuses() => RunAsync(async (store, id) =>
    {
        var newId = NewId();
        await PlantUnreadableAsync(store, id);
        try
        {
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, SessionVersion.Any, Content())).Status, "the status of the rotation");
            Expect.Null(await store.GetAsync(id), "the record under its old id");
            await HasAsync(store, newId, "one");
        }
        catch (SessionStoreException refused) when (refused.Fault == SessionStoreFault.Unreadable)
        {
            var fault = await Expect.ThrowsAsync<SessionStoreException>(() => store.GetAsync(id).AsTask(), "get after the rotation was refused");
            Expect.Equal(SessionStoreFault.Unreadable, fault.Fault);
            Expect.Null(await store.GetAsync(newId), "the session under the new id");
        }
    });

    /// <summary>A store may decide such a write with or without reading the record. Returns whether it decided.</summary>
    private static async Task<bool> IsOrUnreadableAsync<T>(T expected, Func<Task<T>> write, string what)
    {
        try
        {
            Expect.Equal(expected, await write(), $"the result of {what} of a record that cannot be read");
            return true;
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
        {
            return false;
        }
    }
}
