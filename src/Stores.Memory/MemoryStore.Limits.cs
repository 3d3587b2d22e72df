namespace SessionStores.Memory;

/// <content>The bounds of the store: totals, eviction and its report.</content>
public sealed partial class MemoryStore
{
    private bool IsFull => Interlocked.Read(ref _count) > _options.MaxSessions || Interlocked.Read(ref _bytes) > _options.MaxBytes;

    /// <summary>Brings the store back under its limits after a write: expired sessions go first, then the least recently used without a
    /// subject, then those of users, beginning in the shard of the write and sparing what was just written.</summary>
    private void EvictIfFull(Shard written, MemoryRecord spared)
    {
        if (!IsFull)
            return;

        // One at a time, or several writers would each make room for the same excess.
        using var turn = _evicting.EnterScope();
        var start = Array.IndexOf(_shards, written);
        var evicted = Evict(start, spared, anonymous: true) + Evict(start, spared, anonymous: false);
        if (evicted > 0)
            ReportEvictions(evicted);
    }

    private long Evict(int start, MemoryRecord spared, bool anonymous)
    {
        var evicted = 0L;
        for (var i = 0; IsFull && i < _shards.Length; i++)
        {
            var shard = _shards[(start + i) % _shards.Length];
            using (new Change(this, shard))
                CountExpired(shard.RemoveExpired(Now(), PruneStep));

            while (IsFull)
            {
                using (new Change(this, shard))
                {
                    if (shard.Victim(anonymous) is not { } victim || victim == spared)
                        break;

                    shard.Remove(victim);
                    evicted++;
                }
            }
        }

        return evicted;
    }

    private void CountExpired(int removed)
    {
        if (removed > 0)
            _expired.Add(removed);
    }

    /// <summary>Counts every eviction, and logs them at most once a minute so that a full store does not flood the log.</summary>
    private void ReportEvictions(long evicted)
    {
        _evictions.Add(evicted);
        Interlocked.Add(ref _evictedUnreported, evicted);
        var now = Now();
        var next = Interlocked.Read(ref _nextReport);
        if (now < next || Interlocked.CompareExchange(ref _nextReport, now + TimeSpan.TicksPerMinute, next) != next)
            return;

        Log.SessionsEvicted(_logger, Interlocked.Read(ref _count), Interlocked.Read(ref _bytes), Interlocked.Exchange(ref _evictedUnreported, 0));
    }

    /// <summary>Holds the locks of some shards and carries what changed in them into the totals of the store.</summary>
    private readonly ref struct Change
    {
        private readonly MemoryStore _store;
        private readonly Shard _first;
        private readonly Shard? _second;
        private readonly bool _all;
        private readonly long _count;
        private readonly long _bytes;

        /// <param name="store">The store.</param>
        /// <param name="first">A shard.</param>
        /// <param name="second">Another shard, or null.</param>
        /// <param name="all">Whether to hold all shards, for what has to be one step over them: no rotation runs in the meantime.</param>
        public Change(MemoryStore store, Shard first, Shard? second = null, bool all = false)
        {
            // Shards are always locked in the order of their places, so that two changes cannot wait for each other.
            _second = second is null || second == first ? null : second;
            if (_second is not null && Array.IndexOf(store._shards, _second) < Array.IndexOf(store._shards, first))
                (first, _second) = (_second, first);

            _store = store;
            _first = first;
            _all = all;
            if (all)
            {
                foreach (var shard in store._shards)
                    shard.Lock.Enter();
            }
            else
            {
                _first.Lock.Enter();
                _second?.Lock.Enter();
            }

            (_count, _bytes) = Totals();
        }

        public static Change OfAll(MemoryStore store) => new(store, store._shards[0], all: true);

        public void Dispose()
        {
            var (count, bytes) = Totals();
            if (count != _count)
                Interlocked.Add(ref _store._count, count - _count);

            if (bytes != _bytes)
                Interlocked.Add(ref _store._bytes, bytes - _bytes);

            if (_all)
            {
                foreach (var shard in _store._shards)
                    shard.Lock.Exit();

                return;
            }

            _second?.Lock.Exit();
            _first.Lock.Exit();
        }

        private (long Count, long Bytes) Totals()
        {
            if (!_all)
                return (_first.Count + (_second?.Count ?? 0), _first.Bytes + (_second?.Bytes ?? 0));

            var (count, bytes) = (0L, 0L);
            foreach (var shard in _store._shards)
            {
                count += shard.Count;
                bytes += shard.Bytes;
            }

            return (count, bytes);
        }
    }
}
