namespace SessionStores.Conformance.Suites;

/// <content>How long a link is remembered: five minutes from its own rotation, whatever happens to the session or to other links.</content>
internal sealed partial class RotationSuite
{
    [Clause("L10", "L9", Needs = StoreCapabilities.Clock)]
    public Task Each_rotation_is_remembered_for_five_minutes_of_its_own() => RunAsync(async store =>
    {
        var (first, second, third) = (NewId(), NewId(), NewId());
        await store.CreateAsync(first, Content());
        await store.RotateAsync(first, second, SessionVersion.Any, Content());
        Clock.Advance(TimeSpan.FromMinutes(4));
        await store.RotateAsync(second, third, SessionVersion.Any, Content());
        Clock.Advance(TimeSpan.FromSeconds(61));

        Expect.True(!await store.DestroyAsync(first), "destroy of an id that was rotated more than 5 minutes ago returns false, also when the session was rotated again since");
        if (store.GetCapability<ISessionSuccessors>() is { } successors)
            Expect.Null(await successors.FindSuccessorAsync(first), "the successor of an id that was rotated more than 5 minutes ago");

        await HasAsync(store, third, "one");
        Clock.Advance(TimeSpan.FromMinutes(3));
        Expect.True(await store.DestroyAsync(second), "destroy of an id that was rotated 4 minutes ago returns true");
        Expect.Null(await store.GetAsync(third), "the session under its newest id");
    });

    [Clause("L10", "L3", "L6", "L7", "L8", "L9", Needs = StoreCapabilities.Clock)]
    public Task Nothing_renews_a_link() => RunAsync(async store =>
    {
        var (id, other) = (NewId(), await CreateAsync(store, Content("other")));
        var newId = await RotatedAsync(store, id, 1);
        Clock.Advance(TimeSpan.FromMinutes(4));
        await store.TouchAsync(newId, Later);
        await store.GetAsync(newId, new SlidingExpiry(AlwaysDue, Later.AddHours(1)));
        await store.ReplaceAsync(newId, SessionVersion.Any, Content());
        await store.SetAsync(newId, Content());
        await store.GetAsync(id);
        await store.TouchAsync(id, Later);
        await store.RotateAsync(id, NewId(), SessionVersion.Any, Content());
        await store.RotateAsync(other, newId, SessionVersion.Any, Content());
        if (store.GetCapability<ISessionSuccessors>() is { } successors)
            await successors.FindSuccessorAsync(id);

        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            await subjects.DestroyBySubjectAsync("alice", [id]);

        Clock.Advance(TimeSpan.FromSeconds(61));
        Expect.True(!await store.DestroyAsync(id), "destroy of an id that was rotated more than 5 minutes ago returns false, also when it was used since");
        await HasAsync(store, newId, "one");
    });

    [Clause("L14", "L10", Needs = StoreCapabilities.Subjects | StoreCapabilities.Clock)]
    public Task An_id_to_keep_includes_nothing_that_it_became_more_than_five_minutes_ago() => RunAsync<ISessionSubjects>(async (store, subjects) =>
    {
        var (first, second, third) = (NewId(), NewId(), NewId());
        await store.CreateAsync(first, Content("one", null, "alice"));
        await store.RotateAsync(first, second, SessionVersion.Any, Content("one", null, "alice"));
        Clock.Advance(TimeSpan.FromMinutes(4));
        await store.RotateAsync(second, third, SessionVersion.Any, Content("one", null, "alice"));
        Expect.Equal(0L, await subjects.DestroyBySubjectAsync("alice", [first]), "the number of sessions destroyed but one whose first id was rotated 4 minutes ago");
        Clock.Advance(TimeSpan.FromSeconds(61));

        Expect.Equal(0L, await subjects.DestroyBySubjectAsync("alice", [second]), "the number of sessions destroyed but one whose second id was rotated a minute ago");
        Expect.Equal(1L, await subjects.DestroyBySubjectAsync("alice", [first]), "the number of sessions destroyed when the id to keep was rotated more than 5 minutes ago");
        Expect.Null(await store.GetAsync(third), "the session under its newest id");
    });

    [Clause("L10", "L8", "L9")]
    public Task A_link_outlives_the_expiries_that_its_session_had() => RunAsync(async store =>
    {
        var (before, after) = (NewId(), NewId());
        var (first, second) = (NewId(), NewId());
        var soon = await BeforeAsync(async end =>
        {
            (before, after, first, second) = (NewId(), NewId(), NewId(), NewId());
            await store.CreateAsync(before, Content("one", end));
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(before, first, SessionVersion.Any, Content())).Status, "a rotation to a longer life");
            await store.CreateAsync(after, Content());
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(after, second, SessionVersion.Any, Content("one", end))).Status, "a rotation to a shorter life");
            Expect.True(await store.TouchAsync(second, Later), "touch of the rotated session returns true");
        });
        await Context.PassAsync(soon);

        Expect.True(await store.DestroyAsync(before), "destroy of a rotated id returns true past the expiry from before the rotation");
        Expect.True(await store.DestroyAsync(after), "destroy of a rotated id returns true past the expiry that the rotation wrote, when a touch has moved it");
        Expect.Null(await store.GetAsync(first), "the session that was rotated to a longer life");
        Expect.Null(await store.GetAsync(second), "the session that was touched after its rotation");
    });
}
