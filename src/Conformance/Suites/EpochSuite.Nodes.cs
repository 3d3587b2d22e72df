namespace SessionStores.Conformance.Suites;

/// <content>Epochs on more than one node, beside other calls and capabilities, and calls that are not done at all.</content>
internal sealed partial class EpochSuite
{
    [Clause("L23", "L4", Needs = StoreCapabilities.Epochs | StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_knows_the_epoch() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        for (var i = 0; i < 2; i++)
        {
            var ids = new[] { await CreateAsync(here, Content("in", null, Subject)), await CreateAsync(there, Content("in", null, Subject)) };
            foreach (var id in ids)
                await HasAsync(there, id, "in");

            await VoidAsync(here.Require<ISessionEpochs>());

            foreach (var id in ids)
                Expect.Null(await there.GetAsync(id), "a void session at the other store");

            await HasAsync(here, await CreateAsync(there, Content("later", null, Subject)), "later");
        }
    });

    [Clause("L23", Needs = StoreCapabilities.Epochs | StoreCapabilities.NodeClock | StoreCapabilities.SharedData)]
    public Task The_epoch_is_that_of_the_clock_of_the_server() => RunAsync(async () =>
    {
        var (ahead, behind) = (await Context.OpenSkewedAsync(TimeSpan.FromMinutes(40)), await Context.OpenSkewedAsync(TimeSpan.FromMinutes(-40)));
        foreach (var (voids, other) in new[] { (ahead, behind), (behind, ahead) })
        {
            var before = new[] { await CreateAsync(voids, Content("before", null, Subject)), await CreateAsync(other, Content("before", null, Subject)) };

            await VoidAsync(voids.Require<ISessionEpochs>());

            var after = new[] { await CreateAsync(voids, Content("after", null, Subject)), await CreateAsync(other, Content("after", null, Subject)) };
            foreach (var store in new[] { voids, other })
            {
                foreach (var id in before)
                    Expect.Null(await store.GetAsync(id), "a session from before the epoch");

                foreach (var id in after)
                    await HasAsync(store, id, "after");
            }
        }
    });

    [Clause("L23", "L12", Needs = StoreCapabilities.Epochs, Race = true)]
    public Task No_call_under_way_saves_a_session_from_an_epoch() => RunAsync<ISessionEpochs>((store, epochs) => RoundsAsync(async round =>
    {
        var (subject, ids, newId) = ($"alice {round}", NewIds(4), NewId());
        foreach (var id in ids)
            await store.CreateAsync(id, Content("there", null, subject));

        await TogetherAsync(
            round,
            () => epochs.VoidBySubjectAsync(subject).AsTask(),
            () => store.RotateAsync(ids[0], newId, SessionVersion.Any, Content("rotated", null, subject)).AsTask(),
            () => store.ReplaceAsync(ids[1], SessionVersion.Any, Content("replaced", null, subject)).AsTask(),
            () => store.TouchAsync(ids[2], Later.AddHours(1)).AsTask(),
            () => store.GetAsync(ids[3], new SlidingExpiry(AlwaysDue, Later.AddHours(1))).AsTask());

        foreach (var id in ids.Append(newId))
            Expect.Null(await store.GetAsync(id), "a session that had joined before the epoch");
    }));

    [Clause("L23", "L22", Needs = StoreCapabilities.Epochs | StoreCapabilities.Caps)]
    public Task Void_sessions_do_not_count_against_a_cap() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        var caps = store.Require<ISessionCaps>();
        await CreateManyAsync(store, NewIds(3), Content("void", null, Subject));
        await VoidAsync(epochs);
        var content = Content("in", null, Subject);

        for (var i = 1; i <= 3; i++)
        {
            var id = NewId();
            Expect.Equal(SessionWriteStatus.Written, (await caps.CreateAsync(id, content, SessionCap.Refuse(3))).Status, $"log-in {i} of 3 after the epoch");
            await HasAsync(store, id, "in");
        }

        Expect.Equal(SessionWriteStatus.Full, (await caps.CreateAsync(NewId(), content, SessionCap.Refuse(3))).Status, "one log-in more");
    });

    [Clause("L23", "L10", Needs = StoreCapabilities.Epochs | StoreCapabilities.Successors)]
    public Task A_void_session_is_no_successor() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        var id = await CreateAsync(store, Content("one", null, Subject));
        await store.RotateAsync(id, NewId(), SessionVersion.Any, Content("two", null, Subject));
        Expect.True(await store.Require<ISessionSuccessors>().FindSuccessorAsync(id) is not null, "the session that an id became is found");

        await epochs.VoidBySubjectAsync(Subject);

        Expect.Null(await store.Require<ISessionSuccessors>().FindSuccessorAsync(id), "the void session that an id became");
        Expect.True(!await store.DestroyAsync(id), "destroy of the former id of a void session returns false");
    });

    [Clause("L23", "L15", Needs = StoreCapabilities.Epochs | StoreCapabilities.Expirations)]
    public Task A_void_session_does_not_expire() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        var expirations = store.Require<ISessionExpirations>();
        await expirations.ClaimExpiredAsync(1, TimeSpan.FromHours(1));
        var (ended, expired) = ("", "");
        var end = await BeforeAsync(async end =>
        {
            ended = await CreateAsync(store, Content("void", end, Subject));
            await epochs.VoidBySubjectAsync(Subject);
            expired = await CreateAsync(store, Content("expired", end, "bob"));
        });
        await Context.PassAsync(end);

        var claimed = (await expirations.ClaimExpiredAsync(100, TimeSpan.FromHours(1))).Select(each => each.Session.Id).ToList();

        Expect.True(claimed.Contains(expired), "a session that has expired is claimed");
        Expect.True(!claimed.Contains(ended), "a void session is not claimed");
    });

    [Clause("L23", "L16", Needs = StoreCapabilities.Epochs)]
    public Task An_epoch_needs_a_valid_subject() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        foreach (var (subject, what) in new[] { (null, "no subject"), ("", "an empty subject"), ("a\u0001b", "a control character"), (new string('a', 257), "a subject of 257 characters") })
            await Expect.ThrowsAsync<ArgumentException>(() => epochs.VoidBySubjectAsync(subject!).AsTask(), $"an epoch of {what}");

        var longest = new string('a', 256);
        var id = await CreateAsync(store, Content("in", null, longest));
        await epochs.VoidBySubjectAsync(longest);
        Expect.Null(await store.GetAsync(id), "a session of a subject of 256 characters");
    });

    [Clause("L23", "L18", Needs = StoreCapabilities.Epochs)]
    public Task A_cancelled_epoch_throws_and_voids_nothing() => RunAsync<ISessionEpochs>(async (store, epochs) =>
    {
        var id = await CreateAsync(store, Content("in", null, Subject));

        await Expect.ThrowsAsync<OperationCanceledException>(() => epochs.VoidBySubjectAsync(Subject, new CancellationToken(canceled: true)).AsTask(), "a cancelled epoch");

        await HasAsync(store, id, "in");
    });
}
