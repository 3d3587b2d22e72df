namespace SessionStores.Conformance.Suites;

/// <content>For 5 minutes a store remembers what a rotated id became, so that a log-out ends the session in whatever order it meets the rotation.
/// Nothing else follows the link.</content>
internal sealed partial class RotationSuite
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    [Clause("L9", "L10")]
    public Task Destroy_of_a_rotated_id_ends_what_it_became() => RunAsync(async store =>
    {
        var (id, other) = (NewId(), NewId());
        await store.CreateAsync(other, Content("other"));
        var newId = await RotatedAsync(store, id, 1);

        Expect.True(await store.DestroyAsync(id), "destroy of a rotated id returns true");
        Expect.Null(await store.GetAsync(newId), "the session under its new id");
        Expect.True(!await store.TouchAsync(newId, Later), "touch under the new id returns false");
        await HasAsync(store, other, "other");
    });

    [Clause("L9", "L10")]
    public Task Destroy_follows_any_number_of_rotations() => RunAsync(async store =>
    {
        foreach (var count in new[] { 2, 3, 8, 16 })
        {
            var id = NewId();
            var last = await RotatedAsync(store, id, count);

            Expect.True(await store.DestroyAsync(id), $"destroy of an id that was rotated {count} times returns true");
            Expect.Null(await store.GetAsync(last), $"the session after {count} rotations");
        }
    });

    [Clause("L9", "L10")]
    public Task Destroy_of_each_id_that_a_session_had_ends_it() => RunAsync(async store =>
    {
        for (var which = 0; which < 4; which++)
        {
            var ids = Enumerable.Range(0, 4).Select(_ => NewId()).ToList();
            await store.CreateAsync(ids[0], Content());
            for (var i = 1; i < ids.Count; i++)
                await store.RotateAsync(ids[i - 1], ids[i], SessionVersion.Any, Content());

            Expect.True(await store.DestroyAsync(ids[which]), $"destroy of id {which} of 4 returns true");
            Expect.Null(await store.GetAsync(ids[3]), $"the session after destroy of id {which} of 4");
        }
    });

    [Clause("L9", "L1")]
    public Task Destroy_of_a_rotated_id_returns_false_when_the_session_is_over() => RunAsync(async store =>
    {
        var (destroyed, expired) = (NewId(), NewId());
        var soon = Soon();
        await store.DestroyAsync(await RotatedAsync(store, destroyed, 1));
        await store.CreateAsync(expired, Content());
        await store.RotateAsync(expired, NewId(), SessionVersion.Any, Content("one", soon));
        await Context.PassAsync(soon);

        Expect.True(!await store.DestroyAsync(destroyed), "destroy of a rotated id whose session was destroyed returns false");
        Expect.True(!await store.DestroyAsync(expired), "destroy of a rotated id whose session has expired returns false");
    });

    [Clause("L9", "L10")]
    public Task A_second_destroy_of_a_rotated_id_returns_false() => RunAsync(async (store, id) =>
    {
        await RotatedAsync(store, id, 2);

        Expect.True(await store.DestroyAsync(id), "the first destroy of a rotated id returns true");
        Expect.True(!await store.DestroyAsync(id), "the second destroy of a rotated id returns false");
    });

    [Clause("L10", "L1", "L3", "L6", "L8")]
    public Task Nothing_but_a_destroy_follows_a_link() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        var loaded = await StoredAsync(store, id, Content());
        await store.RotateAsync(id, newId, SessionVersion.Any, Content("two"));
        var before = await HasAsync(store, newId, "two");

        Expect.Null(await store.GetAsync(id), "the session under the old id");
        Expect.Null(await store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(1), Later.AddHours(3))), "the session under the old id, with a slide");
        Expect.True(!await store.TouchAsync(id, Later.AddHours(3)), "touch under the old id returns false");
        foreach (var version in new[] { loaded.Version, before.Version })
            Expect.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync(id, version, Content("three"))).Status, "replace under the old id");

        foreach (var version in new[] { SessionVersion.Any, loaded.Version, before.Version })
            Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(id, NewId(), version, Content("three"))).Status, "rotate under the old id");

        var after = await HasAsync(store, newId, "two");
        Expect.Equal(before.ExpiresAt, after.ExpiresAt, "the expiry under the new id");
        Expect.Equal(before.Version, after.Version, "the version under the new id");
    });

    [Clause("L10", "L5", "L7", "L9")]
    public Task A_session_under_a_rotated_id_is_on_its_own() => RunAsync(async store =>
    {
        foreach (var (name, write) in new (string, Func<string, Task>)[]
        {
            ("create", async id => Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, Content("again"))).Status, "create under a rotated id")),
            ("set", async id => await store.SetAsync(id, Content("again"))),
            ("rotate", async id => await RotatedToAsync(store, id)),
        })
        {
            var id = NewId();
            var newId = await RotatedAsync(store, id, 1);
            await write(id);

            Expect.True(await store.DestroyAsync(id), $"destroy of an id that {name} has taken again returns true");
            Expect.Null(await store.GetAsync(id), $"the session that {name} has stored under a rotated id");
            await HasAsync(store, newId, "one");
            Expect.True(!await store.DestroyAsync(id), $"a second destroy of an id that {name} has taken again returns false");
            await HasAsync(store, newId, "one");
        }
    });

    [Clause("L10", "L9")]
    public Task A_session_that_is_rotated_back_is_ended_by_either_id() => RunAsync(async store =>
    {
        for (var which = 0; which < 2; which++)
        {
            var ids = new[] { NewId(), NewId() };
            await store.CreateAsync(ids[0], Content());
            await store.RotateAsync(ids[0], ids[1], SessionVersion.Any, Content());
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(ids[1], ids[0], SessionVersion.Any, Content("back"))).Status, "a rotation back");
            await HasAsync(store, ids[0], "back");

            Expect.True(await store.DestroyAsync(ids[which]), $"destroy by id {which} of a session that was rotated back returns true");
            Expect.Null(await store.GetAsync(ids[0]), $"the session that was rotated back, after destroy by id {which}");
        }
    });

    [Clause("L10", "L9")]
    public Task A_rotation_that_was_not_done_links_nothing() => RunAsync(async store =>
    {
        var (id, taken, gone, free) = (NewId(), NewId(), NewId(), NewId());
        var old = (await store.CreateAsync(id, Content())).Version;
        await store.SetAsync(id, Content("changed"));
        await store.CreateAsync(taken, Content("taken"));
        Expect.Equal(SessionWriteStatus.Taken, (await store.RotateAsync(id, taken, SessionVersion.Any, Content())).Status, "rotate to a taken id");
        Expect.Equal(SessionWriteStatus.Conflict, (await store.RotateAsync(id, free, old, Content())).Status, "rotate with an old version");
        Expect.Equal(SessionWriteStatus.Gone, (await store.RotateAsync(gone, free, SessionVersion.Any, Content())).Status, "rotate of an absent id");
        await store.CreateAsync(free, Content("free"));

        Expect.True(!await store.DestroyAsync(gone), "destroy of an absent id returns false");
        Expect.True(await store.DestroyAsync(id), "destroy of the session that was not rotated returns true");
        Expect.Null(await store.GetAsync(id), "the session that was not rotated");
        await HasAsync(store, taken, "taken");
        await HasAsync(store, free, "free");
    });

    [Clause("L10", "L9", Needs = StoreCapabilities.Clock)]
    public Task A_link_is_kept_for_five_minutes() => RunAsync(async (store, id) =>
    {
        var newId = await RotatedAsync(store, id, 1);

        Clock.Advance(Life - TimeSpan.FromSeconds(1));
        Expect.True(await store.DestroyAsync(id), "destroy of an id that was rotated almost 5 minutes ago returns true");
        Expect.Null(await store.GetAsync(newId), "the session under its new id");
    });

    [Clause("L10", "L9", Needs = StoreCapabilities.Clock)]
    public Task After_five_minutes_a_link_is_forgotten() => RunAsync(async (store, id) =>
    {
        var newId = await RotatedAsync(store, id, 1);

        Clock.Advance(Life + TimeSpan.FromSeconds(1));
        Expect.True(!await store.DestroyAsync(id), "destroy of an id that was rotated more than 5 minutes ago returns false");
        await HasAsync(store, newId, "one");
    });

    [Clause("L13", "L10", Needs = StoreCapabilities.Enumeration)]
    public Task Links_are_neither_listed_nor_counted() => RunAsync(async store =>
    {
        var enumeration = store.Require<ISessionEnumeration>();
        var last = await RotatedAsync(store, NewId(), 3);

        var listed = await ListAsync(enumeration.AllAsync());
        Expect.Equal(1, listed.Count, "the number of sessions listed");
        Expect.Equal(last, listed[0].Id);
        Expect.Equal(1L, await enumeration.LengthAsync(), "the length");
        await store.DestroyAsync(last);
        Expect.Equal(0, (await ListAsync(enumeration.AllAsync())).Count, "the number of sessions listed when the session is over");
        Expect.Equal(0L, await enumeration.LengthAsync(), "the length when the session is over");
    });

    [Clause("L14", "L10", Needs = StoreCapabilities.Subjects)]
    public Task Links_are_not_listed_for_a_subject() => RunAsync(async store =>
    {
        var subjects = store.Require<ISessionSubjects>();
        var last = await RotatedAsync(store, NewId(), 3, "alice");

        var listed = await ListAsync(subjects.ListBySubjectAsync("alice"));
        Expect.Equal(1, listed.Count, "the number of sessions listed for a subject");
        Expect.Equal(last, listed[0].Id);
        Expect.Equal(1L, await subjects.DestroyBySubjectAsync("alice"), "the number of sessions destroyed");
    });

    [Clause("L13", "L9", Needs = StoreCapabilities.Enumeration)]
    public Task Clear_forgets_links() => RunAsync(async (store, id) =>
    {
        var newId = await RotatedAsync(store, id, 1);
        await store.Require<ISessionEnumeration>().ClearAsync();
        await store.CreateAsync(newId, Content("another"));

        Expect.True(!await store.DestroyAsync(id), "destroy of an id that was rotated before a clear returns false");
        await HasAsync(store, newId, "another");
    });

    [Clause("L15", "L10", Needs = StoreCapabilities.Pruning)]
    public Task Prune_counts_no_links_and_leaves_fresh_ones() => RunAsync(async store =>
    {
        var pruning = store.Require<ISessionPruning>();
        var id = NewId();
        var newId = await RotatedAsync(store, id, 2);

        Expect.Equal(0L, await pruning.PruneAsync(), "the number of records that prune removes");
        Expect.True(await store.DestroyAsync(id), "destroy of a rotated id after a prune returns true");
        Expect.Null(await store.GetAsync(newId), "the session under its new id");
        if (!Context.HasClock)
            return;

        Clock.Advance(Life + TimeSpan.FromSeconds(1));
        Expect.Equal(0L, await pruning.PruneAsync(), "the number of records that prune removes when the links are old");
    });

    [Clause("L9", "L4", Needs = StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_follows_a_link() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var id = NewId();
        await here.CreateAsync(id, Content());
        var (second, third) = (NewId(), NewId());
        await there.RotateAsync(id, second, SessionVersion.Any, Content());
        await here.RotateAsync(second, third, SessionVersion.Any, Content());

        Expect.True(await there.DestroyAsync(id), "destroy of a rotated id through another store returns true");
        Expect.Null(await here.GetAsync(third), "the session under its newest id");
    });

    [Clause("L9", "L10", "L12", Race = true)]
    public Task Destroy_against_rotations_one_after_the_other() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var ids = Enumerable.Range(0, 3).Select(_ => NewId()).ToList();
            await store.CreateAsync(ids[0], Content());
            var destroyed = false;
            await TogetherAsync(round,
                async () => destroyed = await store.DestroyAsync(ids[0]),
                async () =>
                {
                    await store.RotateAsync(ids[0], ids[1], SessionVersion.Any, Content());
                    await store.RotateAsync(ids[1], ids[2], SessionVersion.Any, Content());
                });

            Expect.True(destroyed || !Context.Offers(StoreCapabilities.AtomicRotation), "destroy of a session that is being rotated returns true");
            foreach (var id in ids)
                Expect.Null(await store.GetAsync(id), "the session under each of its ids, after destroy and rotations");
        });
    });

    [Clause("L14", "L9", "L10", Needs = StoreCapabilities.Subjects, Race = true)]
    public Task Destroy_by_subject_against_rotations() => RunAsync(async store =>
    {
        var subjects = store.Require<ISessionSubjects>();
        await RoundsAsync(async round =>
        {
            var subject = NewId();
            var chains = Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 3).Select(_ => NewId()).ToList()).ToList();
            foreach (var chain in chains)
                await store.CreateAsync(chain[0], Content("one", null, subject));

            await TogetherAsync(round,
            [
                async () => await subjects.DestroyBySubjectAsync(subject),
                .. chains.Select(chain => (Func<Task>)(async () =>
                {
                    await store.RotateAsync(chain[0], chain[1], SessionVersion.Any, Content("two", null, subject));
                    await store.RotateAsync(chain[1], chain[2], SessionVersion.Any, Content("three", null, subject));
                })),
            ]);

            foreach (var id in chains.SelectMany(chain => chain))
                Expect.Null(await store.GetAsync(id), "a session under each of its ids, after destroy by subject and rotations");

            Expect.Equal(0, (await ListAsync(subjects.ListBySubjectAsync(subject))).Count, "the number of sessions of the subject");
        });
    });

    [Clause("L14", "L10", Needs = StoreCapabilities.Subjects)]
    public Task An_id_to_keep_includes_what_it_became() => RunAsync(async store =>
    {
        var subjects = store.Require<ISessionSubjects>();
        foreach (var count in new[] { 1, 3, 16 })
        {
            var (id, other) = (NewId(), NewId());
            var last = await RotatedAsync(store, id, count, "alice");
            await store.CreateAsync(other, Content("other", null, "alice"));

            Expect.Equal(1L, await subjects.DestroyBySubjectAsync("alice", [id]), $"the number of sessions destroyed but one that was rotated {count} times");
            await HasAsync(store, last, "one");
            Expect.Null(await store.GetAsync(other), "the other session of the subject");
            await store.DestroyAsync(last);
        }
    });

    /// <summary>Creates a session and rotates it; returns its last id.</summary>
    private async Task<string> RotatedAsync(ISessionStore store, string id, int count, string? subject = null)
    {
        await store.CreateAsync(id, Content("one", null, subject));
        for (var i = 0; i < count; i++)
        {
            var newId = NewId();
            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(id, newId, SessionVersion.Any, Content("one", null, subject))).Status, "the status of a rotation");
            id = newId;
        }

        return id;
    }

    private async Task RotatedToAsync(ISessionStore store, string id)
    {
        var other = NewId();
        await store.CreateAsync(other, Content("again"));
        Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(other, id, SessionVersion.Any, Content("again"))).Status, "rotate to a rotated id");
    }
}
