using System.Runtime.CompilerServices;

namespace SessionStores.Memory;

/// <content>Enumeration, subjects and pruning: everything that looks at many sessions, one shard at a time.</content>
public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    /// <remarks>Holds references to the sessions of one shard at a time.</remarks>
    public async IAsyncEnumerable<SessionRecord> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ThrowIfUnusable(cancellationToken);
        foreach (var shard in _shards)
        {
            foreach (var record in LiveOf(shard, static (shard, _) => shard.Snapshot(), "", cancellationToken))
                yield return record;
        }

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

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionRecord> ListBySubjectAsync(string subject, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        ThrowIfUnusable(cancellationToken);
        foreach (var shard in _shards)
        {
            foreach (var record in LiveOf(shard, static (shard, subject) => shard.Snapshot(subject), subject, cancellationToken))
            {
                if (record.Subject == subject)
                    yield return record;
            }
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>One step, for which the store is locked: a session that is given a new id in the meantime is destroyed too.</remarks>
    public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        var kept = SessionArguments.DistinctIds(exceptIds);
        ThrowIfUnusable(cancellationToken);

        var destroyed = 0L;
        using (new ChangeOfAll(this))
        {
            var now = Now();
            var keptNow = kept.Select(id => Follow(id, now)).ToHashSet(StringComparer.Ordinal);
            foreach (var shard in _shards)
            {
                foreach (var record in shard.Snapshot(subject))
                {
                    if (keptNow.Contains(record.Id))
                        continue;

                    destroyed += record.IsLive(now) ? 1 : 0;
                    shard.Remove(record);
                }
            }
        }

        return ValueTask.FromResult(destroyed);
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

    private IEnumerable<SessionRecord> LiveOf(Shard shard, Func<Shard, string, MemoryRecord[]> snapshot, string subject, CancellationToken cancellationToken)
    {
        MemoryRecord[] records;
        lock (shard.Lock)
            records = snapshot(shard, subject);

        foreach (var record in records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SessionRecord? live;
            lock (shard.Lock)
            {
                var now = _time.GetUtcNow();
                live = shard.Holds(record) && record.IsLive(now.UtcTicks) ? record.ToSessionRecord(now) : null;
            }

            if (live is not null)
                yield return live;
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
