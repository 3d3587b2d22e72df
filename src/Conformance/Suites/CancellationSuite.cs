namespace SessionStores.Conformance.Suites;

/// <summary>A cancelled call throws, and a cancelled write is complete or absent.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed class CancellationSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    private static readonly CancellationToken Cancelled = new(canceled: true);

    [Clause("L18")]
    public Task A_cancelled_get_throws() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());

        await ThrowsAsync(() => store.GetAsync(id, null, Cancelled).AsTask(), "get");
        await ThrowsAsync(() => store.GetAsync(id, new SlidingExpiry(TimeSpan.FromDays(1), Later.AddHours(1)), Cancelled).AsTask(), "a sliding get");

        Expect.Equal(record.ExpiresAt, (await HasAsync(store, id, "one")).ExpiresAt, "the expiry after the cancelled reads");
    });

    [Clause("L18")]
    public Task A_cancelled_create_throws_and_stores_nothing() => RunAsync(async (store, id) =>
    {
        await ThrowsAsync(() => store.CreateAsync(id, Content(), Cancelled).AsTask(), "create");

        Expect.Null(await store.GetAsync(id), "the session after the cancelled create");
    });

    [Clause("L18")]
    public Task A_cancelled_replace_throws_and_changes_nothing() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());

        await ThrowsAsync(() => store.ReplaceAsync(id, record.Version, Content("two"), Cancelled).AsTask(), "replace");

        await HasAsync(store, id, "one");
    });

    [Clause("L18")]
    public Task A_cancelled_set_throws_and_changes_nothing() => RunAsync(async store =>
    {
        var (id, absent) = (NewId(), NewId());
        await StoredAsync(store, id, Content());

        await ThrowsAsync(() => store.SetAsync(id, Content("two"), Cancelled).AsTask(), "set");
        await ThrowsAsync(() => store.SetAsync(absent, Content("two"), Cancelled).AsTask(), "set of an absent id");

        await HasAsync(store, id, "one");
        Expect.Null(await store.GetAsync(absent), "the session after the cancelled set");
    });

    [Clause("L18")]
    public Task A_cancelled_touch_throws_and_changes_nothing() => RunAsync(async (store, id) =>
    {
        var record = await StoredAsync(store, id, Content());

        await ThrowsAsync(() => store.TouchAsync(id, Later.AddHours(1), Cancelled).AsTask(), "touch");

        Expect.Equal(record.ExpiresAt, (await HasAsync(store, id, "one")).ExpiresAt, "the expiry after the cancelled touch");
    });

    [Clause("L18")]
    public Task A_cancelled_destroy_throws_and_removes_nothing() => RunAsync(async (store, id) =>
    {
        await StoredAsync(store, id, Content());

        await ThrowsAsync(() => store.DestroyAsync(id, Cancelled).AsTask(), "destroy");

        await HasAsync(store, id, "one");
    });

    [Clause("L18")]
    public Task A_cancelled_rotation_throws_and_moves_nothing() => RunAsync(async store =>
    {
        var (id, newId) = (NewId(), NewId());
        await StoredAsync(store, id, Content());

        await ThrowsAsync(() => store.RotateAsync(id, newId, SessionVersion.Any, Content("two"), Cancelled).AsTask(), "rotate");

        await HasAsync(store, id, "one");
        Expect.Null(await store.GetAsync(newId), "the session under the new id");
    });

    [Clause("L18", "L13", Needs = StoreCapabilities.Enumeration)]
    public Task Cancelled_listing_counting_and_clearing_throw_and_change_nothing() => RunAsync(async store =>
    {
        var many = store.Require<ISessionEnumeration>();
        var id = NewId();
        await StoredAsync(store, id, Content());

        await ThrowsAsync(() => ListAsync(many.AllAsync(cancellationToken: Cancelled)), "a listing");
        await ThrowsAsync(() => many.LengthAsync(Cancelled).AsTask(), "a count");
        await ThrowsAsync(() => many.ClearAsync(Cancelled).AsTask(), "clear");

        await HasAsync(store, id, "one");
    });

    [Clause("L18", "L13", Needs = StoreCapabilities.Enumeration)]
    public Task A_listing_that_is_cancelled_on_the_way_throws() => RunAsync(async store =>
    {
        for (var i = 0; i < 20; i++)
            await store.CreateAsync(NewId(), Content());

        foreach (var byEnumerator in new[] { false, true })
        {
            using var source = new CancellationTokenSource();
            var listing = byEnumerator
                ? store.Require<ISessionEnumeration>().AllAsync().WithCancellation(source.Token)
                : store.Require<ISessionEnumeration>().AllAsync(cancellationToken: source.Token).WithCancellation(CancellationToken.None);
            await ThrowsAsync(
                async () =>
                {
                    await foreach (var _ in listing)
                        await source.CancelAsync();
                },
                byEnumerator ? "a listing with a token of its enumerator" : "a listing with a token");
        }

        Expect.Equal(20, (await ListAsync(store.Require<ISessionEnumeration>().AllAsync())).Count, "the number of sessions afterwards");
    });

    [Clause("L18", "L14", Needs = StoreCapabilities.Subjects)]
    public Task Cancelled_work_by_subject_throws_and_changes_nothing() => RunAsync(async store =>
    {
        var subjects = store.Require<ISessionSubjects>();
        var id = NewId();
        await StoredAsync(store, id, Content("one", null, "alice"));

        await ThrowsAsync(() => ListAsync(subjects.ListBySubjectAsync("alice", cancellationToken: Cancelled)), "a listing by subject");
        await ThrowsAsync(() => subjects.PageBySubjectAsync("alice", cancellationToken: Cancelled).AsTask(), "a page of a subject");
        await ThrowsAsync(() => subjects.CountBySubjectAsync("alice", Cancelled).AsTask(), "a count by subject");
        await ThrowsAsync(() => subjects.DestroyBySubjectAsync("alice", null, Cancelled).AsTask(), "destroy by subject");

        await HasAsync(store, id, "one");
    });

    [Clause("L18", "L15", Needs = StoreCapabilities.Pruning)]
    public Task A_cancelled_prune_throws() => RunAsync(async store =>
    {
        await ThrowsAsync(() => store.Require<ISessionPruning>().PruneAsync(10, Cancelled).AsTask(), "prune");
    });

    [Clause("L18", "L15", Needs = StoreCapabilities.Pruning | StoreCapabilities.StoredCount)]
    public Task A_prune_that_is_cancelled_on_the_way_throws_or_is_complete() => RunAsync<ISessionPruning>(async (store, pruning) =>
    {
        var kept = NewId();
        await store.CreateAsync(kept, Content("kept"));
        var soon = In(Context.BulkLife);
        await CreateManyAsync(store, NewIds(200), Content("soon", soon));
        await Context.PassAsync(soon);
        var before = await Fixture.CountStoredAsync(Context.Namespace);
        using var source = new CancellationTokenSource();
        var prune = Task.Run(() => pruning.PruneAsync(1, source.Token).AsTask());
        await Context.UntilAsync(async () => prune.IsCompleted || await Fixture.CountStoredAsync(Context.Namespace) < before, "the prune has begun");
        await source.CancelAsync();
        try
        {
            await prune;
            Expect.Equal(1L, await Fixture.CountStoredAsync(Context.Namespace), "what is stored after a prune that was cancelled and returned");
        }
        catch (OperationCanceledException)
        {
            // What is left is for the next prune.
        }

        await pruning.PruneAsync();
        Expect.Equal(1L, await Fixture.CountStoredAsync(Context.Namespace), "what is stored after the next prune");
        await HasAsync(store, kept, "kept");
    });

    [Clause("L18", "L12", Race = true)]
    public Task A_write_that_is_cancelled_on_the_way_is_complete_or_absent() => RunAsync(async store =>
    {
        await RoundsAsync(async round =>
        {
            var (id, newId, created) = (NewId(), NewId(), NewId());
            var (first, second) = (Later, Later.AddHours(1));
            var version = (await store.CreateAsync(id, Content("one", first, "alice"))).Version;
            using var source = new CancellationTokenSource();
            var content = Content("two", second, "bob");
            Func<Task> write = (round / 4 % 4) switch
            {
                0 => () => store.ReplaceAsync(id, version, content, source.Token).AsTask(),
                1 => () => store.SetAsync(id, content, source.Token).AsTask(),
                2 => () => store.CreateAsync(created, content, source.Token).AsTask(),
                _ => () => store.RotateAsync(id, newId, version, content, source.Token).AsTask(),
            };
            await TogetherAsync(round,
                async () =>
                {
                    try
                    {
                        await write();
                    }
                    catch (OperationCanceledException)
                    {
                        // Either outcome is right; what was stored is looked at below.
                    }
                },
                async () => await source.CancelAsync());

            // A write that was under way when it was cancelled may still arrive; each read sees the session before or after it.
            if (await store.GetAsync(created) is { } complete)
            {
                Expect.Bytes(Payload("two"), complete.Payload, "the payload of a create that was cancelled");
                Expect.Equal((Round(second), "bob"), (complete.ExpiresAt, complete.Subject), "the expiry and the subject of a create that was cancelled");
            }

            var record = await store.GetAsync(id) ?? Expect.Found(await store.GetAsync(newId), "the session under either id");
            var isOld = record.Payload.Span.SequenceEqual(Payload().Span);
            Expect.Bytes(Payload(isOld ? "one" : "two"), record.Payload);
            Expect.Equal(Round(isOld ? first : second), record.ExpiresAt, "the expiry that was written with the payload");
            Expect.Equal(isOld ? "alice" : "bob", record.Subject, "the subject that was written with the payload");
        });
    });

    [Clause("L18", "L20")]
    public Task The_store_works_after_cancelled_calls() => RunAsync(async store =>
    {
        for (var i = 0; i < 50; i++)
            await ThrowsAsync(() => store.GetAsync(NewId(), null, Cancelled).AsTask(), "get");

        await StoredAsync(store, NewId(), Content());
    });

    [Clause("L18", "L20", Race = true)]
    public Task Calls_that_are_cancelled_while_they_wait_take_nothing_from_the_others() => RunAsync(async store =>
    {
        var ids = NewIds(16);
        foreach (var id in ids)
            await store.CreateAsync(id, Content());

        await RoundsAsync(8, 40, async round =>
        {
            using var source = new CancellationTokenSource();
            var calls = ids.Select(id => Task.Run(async () =>
            {
                try
                {
                    if (round % 2 == 0)
                        await store.SetAsync(id, Content("set"), source.Token);
                    else
                        await store.GetAsync(id, new SlidingExpiry(AlwaysDue, Later.AddHours(round)), source.Token);
                }
                catch (OperationCanceledException)
                {
                    // What was cancelled in time.
                }
            })).ToList();
            for (var turns = Random.Below(40); turns > 0; turns--)
                await Task.Yield();

            await source.CancelAsync();
            await Task.WhenAll(calls);
        });

        // A write that was under way when it was cancelled may arrive after this one, but what it leaves is its own.
        foreach (var id in ids)
        {
            await store.SetAsync(id, Content("after"));
            var record = Expect.Found(await store.GetAsync(id));
            Expect.Bytes(Payload(record.Payload.Span.SequenceEqual(Payload("set").Span) ? "set" : "after"), record.Payload);
        }

        foreach (var id in NewIds(16))
        {
            await store.SetAsync(id, Content(id));
            await HasAsync(store, id, id);
        }
    });

    private static async Task ThrowsAsync(Func<Task> action, string what) =>
        await Expect.ThrowsAsync<OperationCanceledException>(action, $"{what} with a cancelled token");
}
