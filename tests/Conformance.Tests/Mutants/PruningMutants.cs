using SessionStores.Conformance.Tests.Reference;

namespace SessionStores.Conformance.Tests.Mutants;

[CaughtBy("Pruning.Prune_removes_no_live_session", "Pruning.Prune_keeps_live_sessions_among_expired_ones")]
public sealed class PrunesWhatExpiresSoon(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long Prune(ReferenceTable table, int batchSize)
    {
        var soon = table.Rows.Where(pair => pair.Value.ExpiresAt <= Now.AddHours(1)).Select(pair => pair.Key).Take(batchSize).ToList();
        soon.ForEach(key => Remove(table, key));
        return soon.Count;
    }
}

[CaughtBy("Pruning.Prune_removes_all_in_batches_of_any_size")]
public sealed class PrunesOneBatch(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return await SendAsync("Prune", true, table => Prune(table, batchSize), cancellationToken);
    }
}

[CaughtBy("Pruning.Prune_removes_every_expired_record_and_counts_them")]
public sealed class PrunesNothing(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    protected override long Prune(ReferenceTable table, int batchSize) => 0;
}

[CaughtBy("Pruning.Prune_removes_every_expired_record_and_counts_them")]
public sealed class PruneCountsBatches(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default) =>
        Math.Min(1, await base.PruneAsync(batchSize, cancellationToken));
}

[CaughtBy("Pruning.A_second_prune_finds_nothing", "Pruning.Prune_of_an_empty_store_removes_nothing")]
public sealed class PruneCountsAtLeastOne(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default) =>
        Math.Max(1, await base.PruneAsync(batchSize, cancellationToken));
}

[CaughtBy("Pruning.Many_pruners_at_once_remove_each_record_once", "Pruning.Prune_spares_a_session_that_takes_an_expired_id_concurrently")]
public sealed class PrunesByAStaleList(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        var expired = await SendAsync("Prune", true, table => table.Rows.Where(pair => !IsLive(pair.Value)).Select(pair => pair.Key).ToList(), cancellationToken);
        foreach (var key in expired)
            await SendAsync("Prune", true, table => Removed(table, key), cancellationToken);

        return expired.Count;
    }

    private bool Removed(ReferenceTable table, string key)
    {
        Remove(table, key);
        return true;
    }
}

[CaughtBy("Pruning.A_batch_size_out_of_range_is_refused")]
public sealed class TakesAnyBatchSize(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    public override ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default) =>
        base.PruneAsync(Math.Clamp(batchSize, 1, 100_000), cancellationToken);
}

[CaughtBy("Pruning.A_session_whose_expiry_moved_is_not_pruned_at_its_first_one")]
public sealed class PrunesByTheFirstExpiry(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly Dictionary<string, DateTimeOffset> _first = [];

    protected override ReferenceRow Put(ReferenceTable table, string id, SessionContent content)
    {
        _first.TryAdd(id, base.ExpiryOf(content));
        return base.Put(table, id, content);
    }

    protected override long Prune(ReferenceTable table, int batchSize)
    {
        var expired = table.Rows.Keys.Where(key => _first.GetValueOrDefault(key) <= Now).Take(batchSize).ToList();
        expired.ForEach(key => Remove(table, key));
        return expired.Count;
    }
}

[CaughtBy("Pruning.Reads_and_writes_continue_while_records_are_pruned", CaseTimeoutSeconds = 3)]
public sealed class PruneHoldsTheStore(ReferenceServer server, string name, StoreSettings settings) : ReferenceStore(server, name, settings)
{
    private readonly TaskCompletionSource _never = new();
    private bool _prunes;

    protected override async Task<T> SendAsync<T>(string operation, bool writes, Func<ReferenceTable, T> command, CancellationToken cancellationToken)
    {
        // A deadlock between the pruner and the writers.
        _prunes |= operation == "Prune";
        if (_prunes)
            await _never.Task.WaitAsync(cancellationToken);

        return await base.SendAsync(operation, writes, command, cancellationToken);
    }
}
