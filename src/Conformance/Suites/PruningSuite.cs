namespace SessionStores.Conformance.Suites;

/// <summary>Prune removes what has expired, and never a live session.</summary>
/// <param name="fixture">The fixture of the store.</param>
internal sealed partial class PruningSuite(SessionStoreFixture fixture) : ConformanceSuite(fixture)
{
    [Clause("L15", Needs = StoreCapabilities.Pruning)]
    public Task Prune_of_an_empty_store_removes_nothing() => RunAsync<ISessionPruning>(async (_, pruning) =>
    {
        Expect.Equal(0L, await pruning.PruneAsync(), "the number of records removed");
    });

    [Clause("L15", Needs = StoreCapabilities.Pruning)]
    public Task Prune_removes_no_live_session() => RunAsync<ISessionPruning>(async (store, pruning) =>
    {
        var ids = new[] { NewId(), NewId(), NewId() };
        await store.CreateAsync(ids[0], Content("m0"));
        await store.CreateAsync(ids[1], Content("m1", SessionExpiry.Never, "alice"));
        await store.CreateAsync(ids[2], Content("m2", In(TimeSpan.FromMinutes(1))));

        Expect.Equal(0L, await pruning.PruneAsync(), "the number of records removed");

        for (var i = 0; i < ids.Length; i++)
            await HasAsync(store, ids[i], $"m{i}");
    });

    [Clause("L15", Needs = StoreCapabilities.Pruning)]
    public Task Prune_keeps_live_sessions_among_expired_ones() => RunAsync<ISessionPruning>(async (store, pruning) =>
    {
        var kept = NewId();
        await store.CreateAsync(kept, Content("kept", null, "alice"));
        var soon = await FillSoonAsync(store, 30);
        await Context.PassAsync(soon);

        var removed = await pruning.PruneAsync();

        Expect.True(removed is >= 0 and <= 30, $"at most the 30 expired records are removed, not {removed}");
        await HasAsync(store, kept, "kept");
        if (store.GetCapability<ISessionSubjects>() is { } subjects)
            Expect.Equal(kept, string.Join(' ', (await ListAsync(subjects.ListBySubjectAsync("alice"))).Select(record => record.Id)), "the sessions listed for the subject of the live and of expired ones");
    });

    [Clause("L15", Needs = StoreCapabilities.Pruning | StoreCapabilities.StoredCount)]
    public Task Prune_removes_every_expired_record_and_counts_them() => RunAsync<ISessionPruning>(async (store, pruning) =>
    {
        var soon = await FillSoonAsync(store, 30);
        await Context.PassAsync(soon);

        var removed = await pruning.PruneAsync();

        // A server may have removed some on its own; under the kit's clock nothing but the store has.
        Expect.True(Context.HasClock ? removed == 30 : removed <= 30, $"the 30 expired records are removed, not {removed}");
        Expect.Equal(0L, await Fixture.CountStoredAsync(Context.Namespace), "what is stored after the prune");
    });

    [Clause("L15", Needs = StoreCapabilities.Pruning | StoreCapabilities.StoredCount)]
    public Task Prune_removes_all_in_batches_of_any_size() => RunAsync(async () =>
    {
        var kept = NewId();
        var filled = new List<(int BatchSize, string Name, ISessionStore Store)>();
        DateTimeOffset soon = default;
        foreach (var batchSize in new[] { 1, 7, 25, 26, 100_000 })
        {
            var name = Context.NewNamespace();
            var store = await Context.OpenAsync(name);
            await store.CreateAsync(kept, Content());
            soon = await FillSoonAsync(store, 25);
            filled.Add((batchSize, name, store));
        }

        // The last filled expires last.
        await Context.PassAsync(soon);
        foreach (var (batchSize, name, store) in filled)
        {
            await store.Require<ISessionPruning>().PruneAsync(batchSize);

            Expect.Equal(1L, await Fixture.CountStoredAsync(name), $"what is stored after a prune in batches of {batchSize}");
            await HasAsync(store, kept, "one");
        }
    });

    [Clause("L15", Needs = StoreCapabilities.Pruning)]
    public Task A_second_prune_finds_nothing() => RunAsync<ISessionPruning>(async (store, pruning) =>
    {
        var soon = await FillSoonAsync(store, 10);
        await Context.PassAsync(soon);
        await pruning.PruneAsync();

        Expect.Equal(0L, await pruning.PruneAsync(), "the number of records removed the second time");
    });

    [Clause("L15", Needs = StoreCapabilities.Pruning)]
    public Task A_batch_size_out_of_range_is_refused() => RunAsync<ISessionPruning>(async (_, pruning) =>
    {
        foreach (var batchSize in new[] { 0, -1, int.MinValue, 100_001, int.MaxValue })
            await Expect.ThrowsAsync<ArgumentOutOfRangeException>(() => pruning.PruneAsync(batchSize).AsTask(), $"prune in batches of {batchSize}");
    });

    [Clause("L15", "L8", Needs = StoreCapabilities.Pruning)]
    public Task A_session_whose_expiry_moved_is_not_pruned_at_its_first_one() => RunAsync<ISessionPruning>(async (store, pruning) =>
    {
        var (touched, replaced, set, slid) = ("", "", "", "");
        var first = await BeforeAsync(async end =>
        {
            (touched, replaced, set, slid) = (NewId(), NewId(), NewId(), NewId());
            await store.CreateAsync(touched, Content("touched", end));
            var version = (await store.CreateAsync(replaced, Content("before", end))).Version;
            await store.CreateAsync(set, Content("before", end));
            await store.CreateAsync(slid, Content("slid", end));
            await store.TouchAsync(touched, Later);
            await store.ReplaceAsync(replaced, version, Content("replaced"));
            await store.SetAsync(set, Content("set", SessionExpiry.Never));
            await store.GetAsync(slid, new SlidingExpiry(TimeSpan.FromDays(1), Later));
        });
        await Context.PassAsync(first);

        await pruning.PruneAsync();

        await HasAsync(store, touched, "touched");
        await HasAsync(store, replaced, "replaced");
        await HasAsync(store, set, "set");
        await HasAsync(store, slid, "slid");
    });

    [Clause("L15", Needs = StoreCapabilities.Pruning, Race = true)]
    public Task Many_pruners_at_once_remove_each_record_once() => RunAsync<ISessionPruning>(async (store, pruning) =>
    {
        var kept = NewId();
        await store.CreateAsync(kept, Content("kept", SessionExpiry.Never));

        // Where time has to be waited for, once must do.
        await RoundsAsync(1, Context.HasClock ? 10 : 1, async _ =>
        {
            var soon = await FillSoonAsync(store, 200);
            await Context.PassAsync(soon);

            var counts = new long[4];
            await TogetherAsync(2, [.. Enumerable.Range(0, counts.Length).Select(i => (Func<Task>)(async () =>
                counts[i] = await pruning.PruneAsync(10)))]);

            Expect.True(counts.Sum() <= 200, $"the pruners removed no more than the 200 expired records together, not {counts.Sum()}");
            Expect.Equal(0L, await pruning.PruneAsync(), "the number of records that a later prune finds");
            await HasAsync(store, kept, "kept");
        });
    });

    [Clause("L15", "L5", "L12", Needs = StoreCapabilities.Pruning, Race = true)]
    public Task Prune_spares_a_session_that_takes_an_expired_id_concurrently() => RunAsync<ISessionPruning>(async (store, pruning) =>
    {
        await RoundsAsync(1, Context.HasClock ? 10 : 1, async _ =>
        {
            var ids = NewIds(120);
            var soon = In(Context.BulkLife);
            await CreateManyAsync(store, ids, Content("old", soon, "alice"));
            await Context.PassAsync(soon);

            // In an order of its own, or creations keep ahead of removals, or behind them, all the way.
            var subject = NewId();
            var order = ids.OrderBy(_ => Random.Below(1_000_000)).ToList();
            await TogetherAsync(2,
                async () =>
                {
                    foreach (var id in order)
                        Expect.Equal(SessionWriteStatus.Written, (await store.CreateAsync(id, Content("new", null, subject))).Status, "create under an expired id");
                },
                async () =>
                {
                    for (var i = 0; i < 5; i++)
                        await pruning.PruneAsync(3);
                });

            await pruning.PruneAsync();
            foreach (var id in ids)
                await HasAsync(store, id, "new");

            if (store.GetCapability<ISessionSubjects>() is { } subjects)
                Expect.Equal(ids.Count, (await ListAsync(subjects.ListBySubjectAsync(subject))).Count, "the number of sessions of the new subject");
        });
    });

    [Clause("L15", Needs = StoreCapabilities.Pruning)]
    public Task Reads_and_writes_continue_while_records_are_pruned() => RunAsync<ISessionPruning>(async (store, pruning) =>
    {
        var soon = await FillSoonAsync(store, 300);
        await Context.PassAsync(soon);
        var prune = Task.Run(() => pruning.PruneAsync(10).AsTask());

        for (var i = 0; i < 50; i++)
            await StoredAsync(store, NewId(), Content($"m{i}"));

        await prune;
    });

    private async Task<DateTimeOffset> FillSoonAsync(ISessionStore store, int count)
    {
        // Content that has expired when it is written may be dropped at once; a bulk is written with time to spare.
        var soon = count <= 30 ? Soon() : In(Context.BulkLife);
        await CreateManyAsync(store, NewIds(count / 2), Content("soon", soon));
        await CreateManyAsync(store, NewIds(count - (count / 2)), Content("soon", soon, "alice"));
        return soon;
    }
}
