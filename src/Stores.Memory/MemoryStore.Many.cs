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
        Sweep(SweepStep, cancellationToken);
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
    public ValueTask<long> DestroyBySubjectAsync(string subject, string? exceptId = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        if (exceptId is not null)
            SessionArguments.ThrowIfInvalidId(exceptId);

        ThrowIfUnusable(cancellationToken);

        var destroyed = 0L;
        foreach (var shard in _shards)
        {
            using (new Change(this, shard))
            {
                var now = Now();
                foreach (var entry in shard.Snapshot(subject))
                {
                    if (entry.Id == exceptId)
                        continue;

                    destroyed += entry.IsLive(now) ? 1 : 0;
                    shard.Remove(entry);
                }
            }
        }

        return ValueTask.FromResult(destroyed);
    }

    /// <inheritdoc/>
    public bool PrunesItself => true;

    /// <inheritdoc/>
    /// <remarks>The store does this by itself; calling it is only of use to give memory back at a chosen moment.</remarks>
    public ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        if (batchSize is < 1 or > 100_000)
            throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, "The batch size must be 1 to 100,000.");

        ThrowIfUnusable(cancellationToken);
        return ValueTask.FromResult(Sweep(Math.Min(batchSize, SweepStep), cancellationToken));
    }

    private IEnumerable<SessionRecord> LiveOf(Shard shard, Func<Shard, string, Entry[]> snapshot, string subject, CancellationToken cancellationToken)
    {
        Entry[] entries;
        lock (shard.Lock)
            entries = snapshot(shard, subject);

        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SessionRecord? record;
            lock (shard.Lock)
                record = shard.Holds(entry) && entry.IsLive(Now()) ? entry.ToRecord() : null;

            if (record is not null)
                yield return record;
        }
    }

    private long Sweep(int step, CancellationToken cancellationToken)
    {
        var removed = 0L;
        foreach (var shard in _shards)
        {
            int swept;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                using (new Change(this, shard))
                    swept = shard.Sweep(Now(), step);

                removed += swept;
            }
            while (swept == step);
        }

        if (removed > 0)
            _expired.Add(removed);

        return removed;
    }
}
