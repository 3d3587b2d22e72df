namespace SessionStores.Conformance.Suites;

/// <summary>Rotate gives a session a new id and new content.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class RotationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L10")]
    public Task A_rotated_session_has_its_new_id_and_content() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var loaded = await StoredAsync(store, id, Content("one", null, "alice"));
        var expiresAt = Round(loaded.ExpiresAt.AddHours(2));

        var result = await store.RotateAsync(id, newId, loaded.Version, Content("two", expiresAt, "bob"));

        Expect.Equal(SessionWriteStatus.Written, result.Status);
        var record = await HasAsync(store, newId, "two");
        Expect.Equal(newId, record.Id);
        Expect.Equal(expiresAt, record.ExpiresAt);
        Expect.Equal("bob", record.Subject);
    });

    [Clause("L10")]
    public Task The_old_id_of_a_rotated_session_never_works_again() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var loaded = await StoredAsync(store, id, Content());

        await store.RotateAsync(id, newId, loaded.Version, Content());

        Expect.Null(await store.GetAsync(id), "the session under the old id");
        Expect.True(!await store.TouchAsync(id, Later.AddHours(1)), "touch under the old id returns false");
        Expect.Null(await store.GetAsync(id), "the session under the old id, after the touch");
        await HasAsync(store, newId, "one");
    });

    [Clause("L10")]
    public Task Rotate_with_any_version_does_not_look_at_the_content() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        await StoredAsync(store, id, Content());
        await store.SetAsync(id, Content("theirs"));

        var result = await store.RotateAsync(id, newId, SessionVersion.Any, Content("mine"));

        Expect.Equal(SessionWriteStatus.Written, result.Status);
        await HasAsync(store, newId, "mine");
    });

    [Clause("L10", "L6")]
    public Task Rotate_after_another_write_is_a_conflict_and_moves_nothing() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var loaded = await StoredAsync(store, id, Content());
        await store.SetAsync(id, Content("theirs"));

        var result = await store.RotateAsync(id, newId, loaded.Version, Content("mine"));

        Expect.Equal(SessionWriteStatus.Conflict, result.Status);
        await HasAsync(store, id, "theirs");
        Expect.Null(await store.GetAsync(newId), "the session under the new id");
    });

    [Clause("L10", "L8")]
    public Task Rotate_after_a_touch_is_no_conflict() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var loaded = await StoredAsync(store, id, Content());
        await store.TouchAsync(id, loaded.ExpiresAt.AddHours(1));

        Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, loaded.Version, Content())).Status, "the status of the rotation");
    });

    [Clause("L10")]
    public Task Rotate_of_an_absent_id_is_gone_and_creates_nothing() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());

        var result = await store.RotateAsync(id, newId, SessionVersion.Any, Content());

        Expect.Equal(SessionWriteStatus.Gone, result.Status);
        Expect.Null(await store.GetAsync(id), "the session under the old id");
        Expect.Null(await store.GetAsync(newId), "the session under the new id");
    });

    [Clause("L10", "L9")]
    public Task Rotate_of_a_destroyed_session_is_gone_and_does_not_bring_it_back() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var loaded = await StoredAsync(store, id, Content());
        await store.DestroyAsync(id);

        Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(id, newId, loaded.Version, Content())).Status, "rotate with the version");
        Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(id, newId, SessionVersion.Any, Content())).Status, "rotate with any version");
        Expect.Null(await store.GetAsync(newId), "the session under the new id");
    });

    [Clause("L10", "L1")]
    public Task Rotate_of_an_expired_session_is_gone_and_does_not_bring_it_back() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var soon = Soon();
        await store.CreateAsync(id, Content("one", soon));
        await Context.PassAsync(soon);

        Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(id, newId, SessionVersion.Any, Content())).Status, "the status of the rotation");
        Expect.Null(await store.GetAsync(newId), "the session under the new id");
    });

    [Clause("L10", "L5")]
    public Task Rotate_to_a_taken_id_is_taken_and_changes_neither_session() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var loaded = await StoredAsync(store, id, Content());
        await StoredAsync(store, newId, Content("other", null, "bob"));

        var result = await store.RotateAsync(id, newId, loaded.Version, Content("mine"));

        Expect.Equal(SessionWriteStatus.Taken, result.Status);
        await HasAsync(store, id, "one");
        Expect.Equal("bob", (await HasAsync(store, newId, "other")).Subject, "the subject of the other session");
    });

    [Clause("L10")]
    public Task Of_gone_conflict_and_taken_the_first_that_holds_is_returned() => RunAsync(async store =>
    {
        var (id, taken, gone) = (NewId(), NewId(), NewId());
        var old = (await StoredAsync(store, id, Content())).Version;
        await store.SetAsync(id, Content("theirs"));
        await StoredAsync(store, taken, Content("other"));

        Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(gone, taken, old, Content("mine"))).Status, "rotate of an absent session to a taken id");
        Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(gone, taken, SessionVersion.Any, Content("mine"))).Status, "rotate of an absent session with any version to a taken id");
        Expect.Equal(SessionWriteStatus.Conflict, (await store.RotateAsync(id, taken, old, Content("mine"))).Status, "rotate with an old version to a taken id");
        Expect.Equal(SessionWriteStatus.Taken, (await store.RotateAsync(id, taken, SessionVersion.Any, Content("mine"))).Status, "rotate with any version to a taken id");

        await HasAsync(store, id, "theirs");
        await HasAsync(store, taken, "other");
    });

    [Clause("L10", "L1")]
    public Task Rotate_to_the_id_of_an_expired_session_is_rotated() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var soon = Soon();
        await store.CreateAsync(newId, Content("expired", soon));
        await StoredAsync(store, id, Content());
        await Context.PassAsync(soon);

        Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, SessionVersion.Any, Content("two"))).Status, "the status of the rotation");
        await HasAsync(store, newId, "two");
    });

    [Clause("L10")]
    public Task Rotate_to_the_same_id_is_refused() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content());

        await Expect.ThrowsAsync<ArgumentException>(() => store.RotateAsync(id, id, loaded.Version, Content("two")).AsTask(), "rotate to the same id");

        await HasAsync(store, id, "one");
    });

    [Clause("L10", "L11")]
    public Task Rotate_with_expired_content_leaves_neither_id_readable() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        await StoredAsync(store, id, Content());

        await store.RotateAsync(id, newId, SessionVersion.Any, Content("two", Round(Context.Now.AddHours(-1))));

        Expect.Null(await store.GetAsync(id), "the session under the old id");
        Expect.Null(await store.GetAsync(newId), "the session under the new id");
    });

    [Clause("L10")]
    public Task A_session_can_be_rotated_again_and_back() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        await StoredAsync(store, id, Content());

        for (var i = 0; i < 5; i++)
        {
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, SessionVersion.Any, Content($"there{i}"))).Status, $"rotation {i} there");
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(newId, id, SessionVersion.Any, Content($"back{i}"))).Status, $"rotation {i} back");
        }

        await HasAsync(store, id, "back4");
        Expect.Null(await store.GetAsync(newId), "the session under the other id");
    });

    [Clause("L10")]
    public Task Rotate_can_shorten_the_life() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        await StoredAsync(store, id, Content("one", SessionExpiry.Never));
        var expiresAt = Later;

        await store.RotateAsync(id, newId, SessionVersion.Any, Content("two", expiresAt));

        Expect.Equal(expiresAt, (await HasAsync(store, newId, "two")).ExpiresAt, "the expiry after the rotation");
    });
}
