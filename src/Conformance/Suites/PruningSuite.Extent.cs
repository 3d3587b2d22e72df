namespace SessionStores.Conformance.Suites;

/// <content>How far a prune goes: over all nodes, all batches, past records that cannot be read, and not into what is written in the meantime.</content>
internal sealed partial class PruningSuite
{
    [Clause("L15", "L4", Needs = StoreCapabilities.Pruning | StoreCapabilities.StoredCount | StoreCapabilities.SharedData)]
    public Task Another_store_on_the_same_data_prunes_what_has_expired() => RunAsync(async () =>
    {
        var (here, there) = (await OpenAsync(), await OpenAsync());
        var kept = NewId();
        await here.CreateAsync(kept, Content("kept"));
        var soon = await FillSoonAsync(here, 10);
        await Context.PassAsync(soon);

        await there.Require<ISessionPruning>().PruneAsync();

        Expect.Equal(1L, await Fixture.CountStoredAsync(Context.Namespace), "what is stored after a prune by another store");
        await HasAsync(here, kept, "kept");
    });

    [Clause("L15", Needs = StoreCapabilities.Pruning | StoreCapabilities.StoredCount)]
    public Task Prune_ends_no_earlier_than_the_expired_records() => RunAsync(async () =>
    {
        var filled = new List<(int Count, int BatchSize, string Name, ISessionStore Store)>();
        DateTimeOffset soon = default;
        foreach (var (count, batchSize) in new[] { (120, 1), (1100, 1000) })
        {
            var name = Context.NewNamespace();
            var store = await Context.OpenAsync(name);
            soon = In(Context.BulkLife);
            await CreateManyAsync(store, NewIds(count), Content("soon", soon));
            filled.Add((count, batchSize, name, store));
        }

        // The last filled expires last.
        await Context.PassAsync(soon);
        foreach (var (count, batchSize, name, store) in filled)
        {
            await store.Require<ISessionPruning>().PruneAsync(batchSize);

            Expect.Equal(0L, await Fixture.CountStoredAsync(name), $"what is stored of {count} expired records after a prune in batches of {batchSize}");
        }
    });

    [Clause("L15", "L19", Needs = StoreCapabilities.Pruning | StoreCapabilities.UnreadableRecords)]
    public Task Prune_keeps_a_record_that_cannot_be_read() => RunAsync<ISessionPruning>(async (store, pruning) =>
    {
        var id = NewId();
        var soon = await FillSoonAsync(store, 5);
        await Fixture.PlantUnreadableAsync(Context.Namespace, id);
        await Context.PassAsync(soon);

        await pruning.PruneAsync();

        Expect.Equal(0L, await pruning.PruneAsync(), "the number of records that a second prune removes");
        var fault = await Expect.ThrowsAsync<SessionStoreException>(() => store.GetAsync(id).AsTask(), "get of an unreadable record after a prune");
        Expect.Equal(SessionStoreFault.Unreadable, fault.Fault);
    });

    [Clause("L15", "L7", "L10", "L12", Needs = StoreCapabilities.Pruning, Race = true)]
    public Task Prune_spares_what_is_written_over_an_expired_id_concurrently() => RunAsync<ISessionPruning>(async (store, pruning) =>
    {
        await RoundsAsync(1, Context.HasClock ? 10 : 1, async _ =>
        {
            var (ids, others) = (NewIds(120), NewIds(40));
            await CreateManyAsync(store, others, Content("other"));
            var soon = In(Context.BulkLife);
            await CreateManyAsync(store, ids, Content("old", soon));
            await Context.PassAsync(soon);

            // In an order of its own, or writes keep ahead of removals, or behind them, all the way.
            var order = Enumerable.Range(0, ids.Count).OrderBy(_ => Random.Below(1_000_000)).ToList();
            await TogetherAsync(2,
                async () =>
                {
                    foreach (var i in order)
                    {
                        if (i % 3 == 0)
                            Expect.Equal(SessionWriteStatus.Written, (await store.RotateAsync(others[i / 3], ids[i], SessionVersion.Any, Content("new"))).Status, "rotate to an expired id");
                        else
                            await store.SetAsync(ids[i], Content("new"));
                    }
                },
                async () =>
                {
                    for (var i = 0; i < 5; i++)
                        await pruning.PruneAsync(3);
                });

            await pruning.PruneAsync();
            foreach (var id in ids)
                await HasAsync(store, id, "new");
        });
    });
}
