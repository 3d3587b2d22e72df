namespace SessionStores.Conformance.Suites;

/// <summary>Replace writes over what was loaded, and over nothing else.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class ReplacementSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L6")]
    public Task Replace_with_the_loaded_version_is_replaced() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content());
        var expiresAt = Round(loaded.ExpiresAt.AddHours(1));

        var result = await store.ReplaceAsync(id, loaded.Version, Content("two", expiresAt, "alice"));

        Expect.Equal(SessionWriteStatus.Written, result.Status);
        var record = await HasAsync(store, id, "two");
        Expect.Equal(expiresAt, record.ExpiresAt);
        Expect.Equal("alice", record.Subject);
    });

    [Clause("L6")]
    public Task Replace_can_bring_the_expiry_forward_to_an_earlier_instant() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content("one", Round(Later.AddHours(9))));
        var earlier = Later;

        await store.ReplaceAsync(id, loaded.Version, Content("two", earlier));

        Expect.Equal(earlier, (await HasAsync(store, id, "two")).ExpiresAt, "the expiry after the replace");
    });

    [Clause("L6")]
    public Task Replace_of_an_absent_id_is_gone_and_creates_nothing() => RunAsync(async store =>
    {
        var other = await StoredAsync(store, NewId(), Content());
        var id = NewId();

        var result = await store.ReplaceAsync(id, other.Version, Content());

        Expect.Equal(SessionWriteStatus.Gone, result.Status);
        Expect.Null(await store.GetAsync(id), "the session after the replace");
    });

    [Clause("L6", "L9")]
    public Task Replace_of_a_destroyed_session_is_gone_and_does_not_bring_it_back() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content());
        await store.DestroyAsync(id);

        var result = await store.ReplaceAsync(id, loaded.Version, Content("two"));

        Expect.Equal(SessionWriteStatus.Gone, result.Status);
        Expect.Null(await store.GetAsync(id), "the session after the replace");
    });

    [Clause("L6", "L1")]
    public Task Replace_of_an_expired_session_is_gone_and_does_not_bring_it_back() => RunAsync(async (store, id) =>
    {
        var soon = Soon();
        var created = await store.CreateAsync(id, Content("one", soon));
        await Context.PassAsync(soon);

        var result = await store.ReplaceAsync(id, created.Version, Content("two"));

        Expect.Equal(SessionWriteStatus.Gone, result.Status);
        Expect.Null(await store.GetAsync(id), "the session after the replace");
    });

    [Clause("L6")]
    public Task Replace_with_any_version_replaces_whatever_is_there() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content("one", null, "alice"));
        await store.SetAsync(id, Content("theirs"));

        var result = await store.ReplaceAsync(id, SessionVersion.Any, Content("mine"));

        Expect.Equal(SessionWriteStatus.Written, result.Status);
        Expect.True((await HasAsync(store, id, "mine")).Version == result.Version, "the version of the replace is that of the next read");
    });

    [Clause("L6", "L9", "L1")]
    public Task Replace_with_any_version_never_creates() => RunAsync(async store =>
    {
        var (absent, destroyed, rotated, expired) = (NewId(), NewId(), NewId(), NewId());
        var soon = Soon();
        await store.CreateAsync(expired, Content("one", soon));
        await StoredAsync(store, destroyed, Content());
        await StoredAsync(store, rotated, Content());
        await store.DestroyAsync(destroyed);
        await store.RotateAsync(rotated, NewId(), SessionVersion.Any, Content());
        await Context.PassAsync(soon);

        foreach (var (id, what) in new[] { (absent, "an absent"), (destroyed, "a destroyed"), (rotated, "a rotated"), (expired, "an expired") })
        {
            Expect.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync(id, SessionVersion.Any, Content("two"))).Status, $"replace of {what} session with any version");
            Expect.Null(await store.GetAsync(id), $"{what} session after the replace");
        }
    });

    [Clause("L6")]
    public Task Replace_after_another_write_is_a_conflict() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content());
        await store.ReplaceAsync(id, loaded.Version, Content("theirs"));

        var result = await store.ReplaceAsync(id, loaded.Version, Content("mine"));

        Expect.Equal(SessionWriteStatus.Conflict, result.Status);
    });

    [Clause("L6")]
    public Task A_conflict_leaves_what_the_other_wrote() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content("one", null, "alice"));
        await store.ReplaceAsync(id, loaded.Version, Content("theirs", loaded.ExpiresAt, "bob"));

        await store.ReplaceAsync(id, loaded.Version, Content("mine", Round(loaded.ExpiresAt.AddHours(2)), "carol"));

        var record = await HasAsync(store, id, "theirs");
        Expect.Equal(loaded.ExpiresAt, record.ExpiresAt);
        Expect.Equal("bob", record.Subject);
    });

    [Clause("L6", "L4", Needs = StoreCapabilities.SharedData)]
    public Task Replace_after_a_write_of_another_store_is_a_conflict() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var id = NewId();
        var first = await StoredAsync(here, id, Content());
        await HasAsync(there, id, "one");
        Expect.Equal(SessionWriteStatus.Written, (await there.ReplaceAsync(id, first.Version, Content("theirs"))).Status, "replace by the other store");

        Expect.Equal(SessionWriteStatus.Conflict, (await here.ReplaceAsync(id, first.Version, Content("mine"))).Status, "replace with what was read before");
        Expect.Equal(SessionWriteStatus.Conflict, (await here.RotateAsync(id, NewId(), first.Version, Content("mine"))).Status, "rotate with what was read before");
        await HasAsync(here, id, "theirs");
    });

    [Clause("L6", "L7")]
    public Task Replace_after_a_set_is_a_conflict() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content());
        await store.SetAsync(id, Content("administrator"));

        var result = await store.ReplaceAsync(id, loaded.Version, Content("mine"));

        Expect.Equal(SessionWriteStatus.Conflict, result.Status);
        await HasAsync(store, id, "administrator");
    });

    [Clause("L6", "L9")]
    public Task Replace_of_an_id_that_was_taken_anew_is_no_success() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content());
        await store.DestroyAsync(id);
        await StoredAsync(store, id, Content("another"));

        var result = await store.ReplaceAsync(id, loaded.Version, Content("mine"));

        Expect.NotEqual(SessionWriteStatus.Written, result.Status);
        await HasAsync(store, id, "another");
    });

    [Clause("L6", "L10")]
    public Task Replace_under_the_old_id_of_a_rotated_session_is_gone() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var loaded = await StoredAsync(store, id, Content());
        await store.RotateAsync(id, newId, loaded.Version, Content());

        var result = await store.ReplaceAsync(id, loaded.Version, Content("mine"));

        Expect.Equal(SessionWriteStatus.Gone, result.Status);
        Expect.Null(await store.GetAsync(id), "the session under the old id");
        await HasAsync(store, newId, "one");
    });

    [Clause("L6")]
    public Task Replace_can_follow_replace_with_the_version_that_was_returned() => RunAsync(async (store, id) =>
    {
        var version = (await StoredAsync(store, id, Content())).Version;

        for (var i = 0; i < 20; i++)
        {
            var result = await store.ReplaceAsync(id, version, Content($"step{i}"));
            Expect.Equal(SessionWriteStatus.Written, result.Status, $"the status of step {i}");
            version = result.Version;
        }

        await HasAsync(store, id, "step19");
    });

    [Clause("L6")]
    public Task Replace_changes_no_other_session() => RunAsync(async store =>
    {
        var (id, other) = (NewId(), NewId());
        var loaded = await StoredAsync(store, id, Content());
        await StoredAsync(store, other, Content());

        await store.ReplaceAsync(id, loaded.Version, Content("two"));

        await HasAsync(store, other, "one");
    });

    [Clause("L6", "L11")]
    public Task A_conflicting_replace_with_expired_content_removes_nothing() => RunAsync(async (store, id) =>
    {
        var loaded = await StoredAsync(store, id, Content());
        await store.ReplaceAsync(id, loaded.Version, Content("theirs"));

        var result = await store.ReplaceAsync(id, loaded.Version, Content("mine", Round(Context.Now.AddHours(-1))));

        Expect.Equal(SessionWriteStatus.Conflict, result.Status);
        await HasAsync(store, id, "theirs");
    });
}
