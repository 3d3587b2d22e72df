namespace SessionStores.Conformance.Suites;

/// <summary>Nothing brings a destroyed session back: destroy against every writer, in both orders and together.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class ResurrectionSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L9", "L6", "L12", Race = true)]
    public Task Destroy_against_replace() => RunAsync(() => GoneAsync(async (store, id, loaded) =>
    {
        var status = (await store.ReplaceAsync(id, loaded, Content("back"))).Status;
        Expect.NotEqual(SessionWriteStatus.Conflict, status);
    }));

    [Clause("L9", "L6", "L12", Race = true)]
    public Task Destroy_against_replace_with_any_version() => RunAsync(() => GoneAsync((store, id, _) => store.ReplaceAsync(id, SessionVersion.Any, Content("back")).AsTask()));

    [Clause("L9", "L8", "L12", Race = true)]
    public Task Destroy_against_touch() => RunAsync(() => GoneAsync((store, id, _) => store.TouchAsync(id, Later.AddHours(1)).AsTask()));

    [Clause("L9", "L3", "L12", Race = true)]
    public Task Destroy_against_a_sliding_read() => RunAsync(() =>
        GoneAsync((store, id, _) => store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(1), Later.AddHours(1))).AsTask()));

    [Clause("L9", "L8", "L12", Race = true)]
    public Task Destroy_against_all_writers_at_once() => RunAsync(() => GoneAsync(
        (store, id, loaded) => store.ReplaceAsync(id, loaded, Content("back")).AsTask(),
        (store, id, _) => store.TouchAsync(id, Later.AddHours(1)).AsTask(),
        (store, id, _) => store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(1), Later.AddHours(2))).AsTask(),
        (store, id, _) => store.TouchAsync(id, SessionExpiry.Never).AsTask()));

    [Clause("L9", "L10", "L12", Race = true)]
    public Task Destroy_against_rotate() => RunAsync(() => RotatedOrDestroyedAsync(withVersion: false));

    [Clause("L9", "L10", "L12", Race = true)]
    public Task Destroy_against_rotate_with_a_version() => RunAsync(() => RotatedOrDestroyedAsync(withVersion: true));

    [Clause("L9", "L10", "L12", Race = true)]
    public Task Destroy_of_both_ids_against_rotate() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var (id, newId) = (NewId(), NewId());
            await store.CreateAsync(id, Content());
            await TogetherAsync(round,
                async () => await store.RotateAsync(id, newId, SessionVersion.Any, Content("back")),
                async () => await store.DestroyAsync(id));
            await store.DestroyAsync(newId);

            Expect.Null(await store.GetAsync(id), "the session under the old id");
            Expect.Null(await store.GetAsync(newId), "the session under the new id");
        });
    });

    [Clause("L9", Race = true)]
    public Task A_replace_after_the_destroy_returned_is_gone() => RunAsync(async store =>
    {
        await RoundsAsync(async _ =>
        {
            var id = NewId();
            var version = (await store.CreateAsync(id, Content())).Version;
            var destroyed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

            // The writer has loaded before, waits on another thread, and writes as soon as the destroy has returned.
            var writer = Task.Run(async () =>
            {
                await destroyed.Task;
                return (await store.ReplaceAsync(id, version, Content("back"))).Status;
            });
            await store.DestroyAsync(id);
            destroyed.SetResult();

            Expect.Equal(SessionWriteStatus.Gone, await writer, "the status of the replace");
            Expect.Null(await store.GetAsync(id), "the session after destroy and replace");
        });
    });

    [Clause("L9", "L5", "L12", Race = true)]
    public Task A_new_session_under_a_destroyed_id_is_not_overwritten_by_the_old_writer() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var id = NewId();
            var version = (await store.CreateAsync(id, Content("old"))).Version;
            await store.DestroyAsync(id);
            SessionWriteStatus replaced = default;
            await TogetherAsync(round,
                async () => Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, Content("new"))).Status, "create under the destroyed id"),
                async () => replaced = (await store.ReplaceAsync(id, version, Content("back"))).Status);

            Expect.NotEqual(SessionWriteStatus.Written, replaced);
            await HasAsync(store, id, "new");
        });
    });

    [Clause("L9", "L14", "L12", Needs = StoreCapabilities.Subjects, Race = true)]
    public Task Destroy_by_subject_against_replace_and_touch() => RunAsync(async store =>
    {
        var subjects = store.Require<ISessionSubjects>();
        await RoundsAsync(async round =>
        {
            var (id, subject) = (NewId(), NewId());
            var version = (await store.CreateAsync(id, Content("one", null, subject))).Version;
            await TogetherAsync(round,
                async () => await subjects.DestroyBySubjectAsync(subject),
                async () => await store.ReplaceAsync(id, version, Content("back", null, subject)),
                async () => await store.TouchAsync(id, Later.AddHours(1)));

            Expect.Null(await store.GetAsync(id), "the session after the destroy by subject");
            Expect.Equal(0, (await ListAsync(subjects.ListBySubjectAsync(subject))).Count, "the number of sessions of the subject");
        });
    });

    [Clause("L14", "L12", Needs = StoreCapabilities.Subjects, Race = true)]
    public Task Destroy_by_subject_spares_a_session_that_has_moved_to_another_subject() => RunAsync(async store =>
    {
        var subjects = store.Require<ISessionSubjects>();
        await RoundsAsync(async round =>
        {
            var (id, from, to) = (NewId(), NewId(), NewId());
            var version = (await store.CreateAsync(id, Content("one", null, from))).Version;
            SessionWriteStatus replaced = default;
            await TogetherAsync(round,
                async () => replaced = (await store.ReplaceAsync(id, version, Content("two", null, to))).Status,
                async () => await subjects.DestroyBySubjectAsync(from));

            var record = await store.GetAsync(id);
            Expect.Equal(replaced == SessionWriteStatus.Written, record is not null, "whether the session is there, if it was replaced before it was destroyed");
            Expect.Equal(record is null ? 0 : 1, (await ListAsync(subjects.ListBySubjectAsync(to))).Count, "the number of sessions of the new subject");
            Expect.Equal(0, (await ListAsync(subjects.ListBySubjectAsync(from))).Count, "the number of sessions of the old subject");
        });
    });

    [Clause("L9", "L13", Needs = StoreCapabilities.Enumeration, Race = true)]
    public Task Clear_against_replace_and_touch() => RunAsync(async () =>
    {
        var store = await OpenAsync();
        var enumeration = store.Require<ISessionEnumeration>();
        await RoundsAsync(8, Math.Max(8, Fixture.RaceRounds / 5), async round =>
        {
            var id = NewId();
            var version = (await store.CreateAsync(id, Content())).Version;
            await TogetherAsync(round,
                async () => await enumeration.ClearAsync(),
                async () => await store.ReplaceAsync(id, version, Content("back")),
                async () => await store.TouchAsync(id, Later.AddHours(1)));

            Expect.Null(await store.GetAsync(id), "the session after the clear");
        });
    });

    private async Task GoneAsync(params IReadOnlyList<Func<ISessionStore, string, SessionVersion, Task>> writers)
    {
        var store = await OpenAsync();
        await RoundsAsync(async round =>
        {
            var id = NewId();
            var version = (await store.CreateAsync(id, Content())).Version;
            var destroyed = false;
            await TogetherAsync(round,
            [
                async () =>
                {
                    destroyed = await store.DestroyAsync(id);
                    for (var i = 0; i < 3; i++)
                        Expect.Null(await store.GetAsync(id), "the session right after the destroy has returned");
                },
                .. writers.Select(writer => (Func<Task>)(() => writer(store, id, version))),
            ]);

            Expect.True(destroyed, "destroy of a live session returns true");
            Expect.Null(await store.GetAsync(id), "the session after destroy and writers");
            Expect.True(!await store.TouchAsync(id, Later), "touch after destroy and writers returns false");
        });
    }

    private async Task RotatedOrDestroyedAsync(bool withVersion)
    {
        var store = await OpenAsync();
        await RoundsAsync(async round =>
        {
            var (id, newId) = (NewId(), NewId());
            var version = (await store.CreateAsync(id, Content())).Version;
            var destroyed = false;
            SessionWriteStatus rotated = default;
            await TogetherAsync(round,
                async () => destroyed = await store.DestroyAsync(id),
                async () => rotated = (await store.RotateAsync(id, newId, withVersion ? version : SessionVersion.Any, Content("moved"))).Status);

            // Before or after the rotation: destroy ends the session. Where a rotation takes two steps, destroy may find it between the two.
            Expect.True(destroyed || !Context.Offers(StoreCapabilities.AtomicRotation), "destroy of a session that is being rotated returns true");
            Expect.True(rotated is SessionWriteStatus.Written or SessionWriteStatus.Gone, $"the rotation was done or came too late, not {rotated}");
            Expect.Null(await store.GetAsync(id), "the session under the old id");
            Expect.Null(await store.GetAsync(newId), "the session under the new id");
        });
    }
}
