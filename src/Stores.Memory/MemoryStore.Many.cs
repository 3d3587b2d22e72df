using System.Runtime.CompilerServices;

namespace SessionStores.Memory;

/// <content>Enumeration, subjects, keys and pruning: everything that looks at many sessions, one shard at a time.</content>
public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    /// <remarks>Holds references to the sessions of one shard at a time.</remarks>
    public async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ThrowIfUnusable(cancellationToken);
        foreach (var shard in _shards)
        {
            MemoryRecord[] records;
            lock (shard.Lock)
                records = shard.Snapshot();

            foreach (var record in records)
            {
                ThrowIfUnusable(cancellationToken);
                if (ReadIfLive(shard, record) is { } live)
                    yield return withPayloads ? live : live.WithoutPayload();
            }
        }

        // A store that was disposed in the meantime holds nothing: the listing is not complete.
        ThrowIfUnusable(cancellationToken);
        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<long> LengthAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfUnusable(cancellationToken);
        RemoveExpired(PruneStep, cancellationToken);
        return ValueTask.FromResult(Interlocked.Read(ref _count));
    }

    /// <inheritdoc/>
    public ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfUnusable(cancellationToken);
        foreach (var shard in _shards)
        {
            using (new Change(this, shard))
                shard.Clear();
        }

        _expirations?.Clear();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    /// <remarks>In the order of the ids.</remarks>
    public ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return ValueTask.FromResult(Page(subject, record => record.Subject == subject, size, continuation, withPayloads, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<long> CountBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return ValueTask.FromResult(Count(subject, cancellationToken));
    }

    /// <inheritdoc/>
    /// <remarks>One step, for which the store is locked: a session that is given a new id in the meantime is destroyed too.</remarks>
    public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return ValueTask.FromResult(Destroy(subject, exceptIds, cancellationToken));
    }

    /// <inheritdoc/>
    /// <remarks>In the order of the ids.</remarks>
    public ValueTask<SessionPage> PageByKeyAsync(
        string key, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidKey(key);
        return ValueTask.FromResult(Page(KeyIndex.NameOf(key), record => record.Key == key, size, continuation, withPayloads, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<long> CountByKeyAsync(string key, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidKey(key);
        return ValueTask.FromResult(Count(KeyIndex.NameOf(key), cancellationToken));
    }

    /// <inheritdoc/>
    /// <remarks>One step, for which the store is locked: a session that is given a new id in the meantime is destroyed too.</remarks>
    public ValueTask<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidKey(key);
        return ValueTask.FromResult(Destroy(KeyIndex.NameOf(key), exceptIds, cancellationToken));
    }

    /// <inheritdoc/>
    /// <remarks>Costs by the number of expired sessions, not of stored ones, and holds a lock for at most 128 of them at a time.</remarks>
    public ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        if (batchSize is < 1 or > 100_000)
            throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, "The batch size must be 1 to 100,000.");

        ThrowIfUnusable(cancellationToken);
        return ValueTask.FromResult(RemoveExpired(Math.Min(batchSize, PruneStep), cancellationToken));
    }

    private SessionPage Page(string name, Func<SessionRecord, bool> belongs, int size, string? continuation, bool withPayloads, CancellationToken cancellationToken)
    {
        SessionPage.ThrowIfInvalidSize(size);
        var position = SessionPage.PositionOf(name, continuation);
        ThrowIfUnusable(cancellationToken);

        var records = SnapshotOf(name).Where(record => string.CompareOrdinal(record.Id, position) > 0).OrderBy(static record => record.Id, StringComparer.Ordinal);
        var page = new List<SessionRecord>();
        foreach (var record in records)
        {
            if (ReadIfLive(ShardOf(record.Id), record) is not { } live || !belongs(live))
                continue;

            if (page.Count == size)
                return new SessionPage(page, SessionPage.ContinuationAfter(name, page[^1].Id));

            page.Add(withPayloads ? live : live.WithoutPayload());
        }

        return new SessionPage(page, null);
    }

    private long Count(string name, CancellationToken cancellationToken)
    {
        ThrowIfUnusable(cancellationToken);
        var count = 0L;
        foreach (var shard in _shards)
        {
            lock (shard.Lock)
            {
                var now = Now();
                count += shard.Snapshot(name).LongCount(record => record.IsLive(now));
            }
        }

        return count;
    }

    private long Destroy(string name, IReadOnlyCollection<string>? exceptIds, CancellationToken cancellationToken)
    {
        var kept = SessionArguments.DistinctIds(exceptIds);
        ThrowIfUnusable(cancellationToken);

        var destroyed = 0L;
        using (Change.OfAll(this))
        {
            var now = Now();
            var keptNow = kept.Select(id => Follow(id, now)).ToHashSet(StringComparer.Ordinal);
            foreach (var shard in _shards)
            {
                foreach (var record in shard.Snapshot(name))
                {
                    if (keptNow.Contains(record.Id))
                        continue;

                    destroyed += record.IsLive(now) ? 1 : 0;
                    shard.Remove(record);
                }
            }
        }

        return destroyed;
    }

    private List<MemoryRecord> SnapshotOf(string name)
    {
        var records = new List<MemoryRecord>();
        foreach (var shard in _shards)
        {
            lock (shard.Lock)
                records.AddRange(shard.Snapshot(name));
        }

        return records;
    }

    /// <summary>Reads what is stored now under the id of a record, which another write may have replaced.</summary>
    private SessionRecord? ReadIfLive(Shard shard, MemoryRecord record)
    {
        lock (shard.Lock)
        {
            var now = _time.GetUtcNow();
            return shard.Peek(record.Id) is { } current && current.IsLive(now.UtcTicks) ? current.ToSessionRecord(now) : null;
        }
    }

    private long RemoveExpired(int step, CancellationToken cancellationToken)
    {
        var removed = 0L;
        foreach (var shard in _shards)
        {
            int expired;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                using (new Change(this, shard))
                {
                    var now = Now();
                    expired = shard.RemoveExpired(now, step);
                    shard.Links.RemoveOld(now);
                }

                CountExpired(expired);
                removed += expired;
            }
            while (expired == step);
        }

        return removed;
    }
}
