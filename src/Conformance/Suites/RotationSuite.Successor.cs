using System.Diagnostics;

namespace SessionStores.Conformance.Suites;

/// <content>What a rotated id became can be asked for, and changes nothing.</content>
internal sealed partial class RotationSuite
{
    [Clause("L10", Needs = StoreCapabilities.Successors)]
    public Task A_successor_is_the_session_that_an_id_became() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        await store.CreateAsync(id, Content("one", null, "alice"));
        var watch = Stopwatch.StartNew();
        await store.RotateAsync(id, newId, SessionVersion.Any, Content("two", null, "alice"));

        var successor = await SuccessorAsync(store, id);
        var current = await HasAsync(store, newId, "two");
        Expect.Equal(newId, successor.Session.Id, "the id of the successor");
        Expect.Bytes(current.Payload, successor.Session.Payload);
        Expect.Equal("alice", successor.Session.Subject, "the subject of the successor");
        Expect.Equal(current.ExpiresAt, successor.Session.ExpiresAt, "the expiry of the successor");
        Expect.Equal(current.Version, successor.Session.Version, "the version of the successor");
        Expect.Equal(1, successor.Rotations, "the number of rotations");
        Expect.True(successor.Age >= TimeSpan.Zero && successor.Age <= watch.Elapsed + TimeSpan.FromSeconds(1), $"the age of the rotation is at most that of the case, not {successor.Age}");
    });

    [Clause("L10", Needs = StoreCapabilities.Successors)]
    public Task A_successor_is_found_over_any_number_of_rotations() => RunAsync(async store =>
    {
        foreach (var count in new[] { 2, 3, 16 })
        {
            var id = NewId();
            var last = await RotatedAsync(store, id, count);

            var successor = await SuccessorAsync(store, id);
            Expect.Equal(last, successor.Session.Id, $"the id of the successor after {count} rotations");
            Expect.Equal(count, successor.Rotations, "the number of rotations");
        }
    });

    [Clause("L10", "L16", Needs = StoreCapabilities.Successors)]
    public Task An_id_that_was_not_rotated_has_no_successor() => RunAsync(async store =>
    {
        var successors = store.Require<ISessionSuccessors>();
        var (live, destroyed) = (NewId(), NewId());
        await store.CreateAsync(live, Content());
        await store.CreateAsync(destroyed, Content());
        await store.DestroyAsync(destroyed);

        foreach (var (id, name) in new[] { (live, "a live session"), (destroyed, "a destroyed session"), (NewId(), "an absent id") })
            Expect.Null(await successors.FindSuccessorAsync(id), $"the successor of {name}");

        await Expect.ThrowsAsync<ArgumentException>(async () => await successors.FindSuccessorAsync(""), "the successor of an empty id");
    });

    [Clause("L10", "L5", "L7", Needs = StoreCapabilities.Successors)]
    public Task A_session_under_a_rotated_id_has_no_successor() => RunAsync(async store =>
    {
        var successors = store.Require<ISessionSuccessors>();
        foreach (var (name, write) in new (string, Func<string, Task>)[]
        {
            ("create", async id => await store.CreateAsync(id, Content("again"))),
            ("set", async id => await store.SetAsync(id, Content("again"))),
            ("rotate", async id => await RotatedToAsync(store, id)),
        })
        {
            var id = NewId();
            await RotatedAsync(store, id, 1);
            await write(id);

            Expect.Null(await successors.FindSuccessorAsync(id), $"the successor of an id that {name} has taken again");
        }
    });

    [Clause("L10", "L1", "L9", Needs = StoreCapabilities.Successors)]
    public Task A_successor_that_has_ended_is_not_found() => RunAsync(async store =>
    {
        var successors = store.Require<ISessionSuccessors>();
        var (destroyed, expired) = (NewId(), NewId());
        await store.DestroyAsync(await RotatedAsync(store, destroyed, 2));
        await store.CreateAsync(expired, Content());
        var soon = Soon();
        await store.RotateAsync(expired, NewId(), SessionVersion.Any, Content("one", soon));
        await Context.PassAsync(soon);

        Expect.Null(await successors.FindSuccessorAsync(destroyed), "the successor that was destroyed");
        Expect.Null(await successors.FindSuccessorAsync(expired), "the successor that has expired");
    });

    [Clause("L10", "L6", "L8", "L9", Needs = StoreCapabilities.Successors)]
    public Task To_ask_for_a_successor_changes_nothing() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        await store.CreateAsync(id, Content());
        await store.RotateAsync(id, newId, SessionVersion.Any, Content("two", In(TimeSpan.FromMinutes(10))));
        var before = await HasAsync(store, newId, "two");

        for (var i = 0; i < 3; i++)
            await SuccessorAsync(store, id);

        var after = await HasAsync(store, newId, "two");
        Expect.Equal(before.ExpiresAt, after.ExpiresAt, "the expiry of the successor");
        Expect.Equal(before.Version, after.Version, "the version of the successor");
        Expect.Null(await store.GetAsync(id), "the session under the old id");
        Expect.True(!await store.TouchAsync(id, Later), "touch under the old id returns false");
        Expect.Equal(SessionWriteStatus.Gone, (await store.ReplaceAsync(id, SessionVersion.Any, Content("three"))).Status, "replace under the old id");
        Expect.True(await store.DestroyAsync(id), "destroy of the old id returns true");
        Expect.Null(await store.GetAsync(newId), "the session under its new id");
    });

    [Clause("L10", Needs = StoreCapabilities.Successors | StoreCapabilities.Clock)]
    public Task A_successor_is_as_old_as_the_first_rotation() => RunAsync(async store =>
    {
        var (id, second, third) = (NewId(), NewId(), NewId());
        await store.CreateAsync(id, Content());
        await store.RotateAsync(id, second, SessionVersion.Any, Content());
        Clock.Advance(TimeSpan.FromMinutes(2));
        await store.RotateAsync(second, third, SessionVersion.Any, Content());
        Clock.Advance(TimeSpan.FromMinutes(1));

        Expect.Equal(TimeSpan.FromMinutes(3), (await SuccessorAsync(store, id)).Age, "the age of the rotation of the first id");
        Expect.Equal(TimeSpan.FromMinutes(1), (await SuccessorAsync(store, second)).Age, "the age of the rotation of the second id");
    });

    [Clause("L10", Needs = StoreCapabilities.Successors | StoreCapabilities.Clock)]
    public Task After_five_minutes_there_is_no_successor() => RunAsync(async (store, id) =>
    {
        await RotatedAsync(store, id, 1);

        Clock.Advance(Life - TimeSpan.FromSeconds(1));
        await SuccessorAsync(store, id);
        Clock.Advance(TimeSpan.FromSeconds(2));
        Expect.Null(await store.Require<ISessionSuccessors>().FindSuccessorAsync(id), "the successor of an id that was rotated more than 5 minutes ago");
    });

    [Clause("L10", "L4", Needs = StoreCapabilities.Successors | StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_finds_a_successor() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var id = NewId();
        var last = await RotatedAsync(here, id, 2);

        Expect.Equal(last, (await SuccessorAsync(there, id)).Session.Id, "the id of the successor through another store");
    });

    [Clause("L10", "L12", Needs = StoreCapabilities.Successors | StoreCapabilities.AtomicRotation, Race = true)]
    public Task A_session_that_is_being_rotated_is_found_or_its_successor_is() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var ids = NewIds(3);
            await store.CreateAsync(ids[0], Content());
            var isFound = false;
            await TogetherAsync(round,
                async () => isFound = await store.GetAsync(ids[0]) is not null || await store.Require<ISessionSuccessors>().FindSuccessorAsync(ids[0]) is not null,
                async () =>
                {
                    await store.RotateAsync(ids[0], ids[1], SessionVersion.Any, Content());
                    await store.RotateAsync(ids[1], ids[2], SessionVersion.Any, Content());
                });

            Expect.True(isFound, "the session or its successor is found during rotations");
        });
    });

    private static async Task<SessionSuccessor> SuccessorAsync(ISessionStore store, string id)
    {
        var successor = await store.Require<ISessionSuccessors>().FindSuccessorAsync(id);
        Expect.True(successor is not null, "a rotated id has a successor");
        return successor!;
    }
}
