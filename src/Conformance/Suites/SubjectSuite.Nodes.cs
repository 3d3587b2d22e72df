namespace SessionStores.Conformance.Suites;

/// <content>The index of subjects is that of the server and not of a process: what one node has written, another lists and ends.</content>
internal sealed partial class SubjectSuite
{
    [Clause("L14", "L4", Needs = StoreCapabilities.Subjects | StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_lists_what_was_written() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var subjects = there.Require<ISessionSubjects>();
        var (id, newId) = (NewId(), NewId());
        await ListsAsync(subjects, "alice");

        var version = (await here.CreateAsync(id, Content("one", null, "alice"))).Version;
        await ListsAsync(subjects, "alice", id);
        await here.ReplaceAsync(id, version, Content("two", null, "bob"));
        await ListsAsync(subjects, "alice");
        await ListsAsync(subjects, "bob", id);
        await here.SetAsync(id, Content("three", null, "alice"));
        await ListsAsync(subjects, "alice", id);
        await here.RotateAsync(id, newId, SessionVersion.Any, Content("four", null, "alice"));
        await ListsAsync(subjects, "alice", newId);
        await here.TouchAsync(newId, Round(Later.AddHours(1)));
        Expect.Equal(
            Expect.Found(await here.GetAsync(newId)).ExpiresAt, (await ListAsync(subjects.ListBySubjectAsync("alice")))[0].ExpiresAt, "the expiry that the other store lists after a touch");
        await here.DestroyAsync(newId);
        await ListsAsync(subjects, "alice");
        await ListsAsync(subjects, "bob");
    });

    [Clause("L14", "L4", "L9", "L10", Needs = StoreCapabilities.Subjects | StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_ends_what_was_written() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var ids = await FillAsync(here, 5, "alice");

        // The one to be kept has been rotated at the one store and is named by its old id at the other.
        var kept = NewId();
        await here.RotateAsync(ids[4], kept, SessionVersion.Any, Content("kept", null, "alice"));
        foreach (var id in ids.Take(4).Append(kept))
        {
            Expect.Found(await here.GetAsync(id), "the session at the one store");
            Expect.Found(await there.GetAsync(id), "the session at the other store");
        }

        Expect.Equal(4L, await there.Require<ISessionSubjects>().DestroyBySubjectAsync("alice", [ids[4]]), "the number of sessions that the other store destroyed");

        foreach (var id in ids)
        {
            Expect.Null(await there.GetAsync(id), "a session at the store that has destroyed it");
            Expect.Null(await here.GetAsync(id), "a session at the store that had written it");
        }

        await HasAsync(here, kept, "kept");
        await ListsAsync(here.Require<ISessionSubjects>(), "alice", kept);
        Expect.Equal(1L, await here.Require<ISessionSubjects>().DestroyBySubjectAsync("alice"), "the number of sessions that the first store destroyed");
        Expect.Null(await there.GetAsync(kept), "the session that was kept before");
    });

    [Clause("L14", "L9", Needs = StoreCapabilities.Subjects)]
    public Task A_session_that_was_just_read_is_over_when_those_of_its_subject_are() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var ids = await FillAsync(store, 5, "alice");
        foreach (var id in ids)
            Expect.Found(await store.GetAsync(id), "the session before");

        await subjects.DestroyBySubjectAsync("alice", [ids[2]]);

        for (var i = 0; i < ids.Count; i++)
            Expect.Equal(i == 2, await store.GetAsync(ids[i]) is not null, $"whether session {i} is read after all but session 2 were destroyed");
    });

    [Clause("L14", "L1", "L7", "L10", Needs = StoreCapabilities.Subjects)]
    public Task Writes_over_an_expired_session_take_its_id_from_its_subject() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var ids = Enumerable.Range(0, 5).Select(_ => NewId()).ToList();
        var other = NewId();
        await store.CreateAsync(other, Content("other"));
        var soon = Soon();
        foreach (var id in ids)
            await store.CreateAsync(id, Content("old", soon, "alice"));

        await Context.PassAsync(soon);
        await store.SetAsync(ids[0], Content("set"));
        await store.SetAsync(ids[1], Content("set", null, "bob"));
        await store.SetAsync(ids[2], Content("set", null, "alice"));
        Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(other, ids[3], SessionVersion.Any, Content("rotated"))).Status, "rotate to an expired id");
        Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(ids[4], Content("created", null, "bob"))).Status, "create under an expired id");

        await ListsAsync(subjects, "alice", ids[2]);
        await ListsAsync(subjects, "bob", ids[1], ids[4]);
        Expect.Equal(1L, await subjects.DestroyBySubjectAsync("alice"), "the number of sessions destroyed");
        await HasAsync(store, ids[0], "set");
        await HasAsync(store, ids[1], "set");
        await HasAsync(store, ids[3], "rotated");
        await HasAsync(store, ids[4], "created");
    });

    [Clause("L14", "L9", "L10", Needs = StoreCapabilities.Subjects | StoreCapabilities.StoredCount)]
    public Task Nothing_is_left_of_a_subject_when_a_rotated_id_was_destroyed() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var (id, second, third) = (NewId(), NewId(), NewId());
        await store.CreateAsync(id, Content("one", null, "alice"));
        await store.RotateAsync(id, second, SessionVersion.Any, Content("two", null, "alice"));
        await store.RotateAsync(second, third, SessionVersion.Any, Content("three", null, "alice"));

        Expect.True(await store.DestroyAsync(id), "destroy of a rotated id returns true");
        await ListsAsync(subjects, "alice");
        Expect.Equal(0L, await Fixture.CountStoredAsync(Context.Namespace), "what is stored when the session was destroyed by an old id");
    });

    [Clause("L14", "L19", Needs = StoreCapabilities.Subjects | StoreCapabilities.UnreadableRecords)]
    public Task A_record_that_cannot_be_read_stops_no_work_by_subject() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var ids = await FillAsync(store, 7, "alice");
        await Fixture.PlantUnreadableAsync(Context.Namespace, ids[0]);
        await Fixture.PlantUnreadableAsync(Context.Namespace, ids[3]);
        await Fixture.PlantUnreadableAsync(Context.Namespace, NewId());

        var readable = ids.Where((_, i) => i is not (0 or 3)).ToList();
        Expect.Equal(0, readable.Except((await ListAsync(subjects.ListBySubjectAsync("alice"))).Select(record => record.Id)).Count(), "the number of readable sessions missing in the list");
        var destroyed = await subjects.DestroyBySubjectAsync("alice");
        Expect.True(destroyed is >= 5 and <= 7, $"the 5 readable sessions are destroyed, and at most the 2 others, not {destroyed}");
        foreach (var id in readable)
            Expect.Null(await store.GetAsync(id), "a readable session of the subject");
    });
}
