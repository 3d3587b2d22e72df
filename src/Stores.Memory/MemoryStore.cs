using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SessionStores.Memory;

/// <summary>Keeps sessions in the memory of this process: the embedded default and the reference implementation of the contract.</summary>
/// <remarks>
/// Bounded in sessions and bytes; above a limit the least recently used sessions go, which a warning and the counter
/// <c>sessionstores.memory.evictions</c> tell. The sessions end with the process. Expiry is decided by the
/// <see cref="TimeProvider"/>. Ids are spread over shards with a lock each; a store of fewer than 10,000 sessions has one shard and is
/// exact in its order of use; a larger one drops, in one shard after the other, what has not been used since its turn came last.
/// </remarks>
public sealed partial class MemoryStore : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionPruning, IDisposable
{
    private const int ShardsOfALargeStore = 64;
    private const int SmallStore = 10_000;

    /// <summary>How many expired entries are removed before the lock of a shard is given up for readers.</summary>
    private const int SweepStep = 128;

    private readonly MemoryStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Shard[] _shards;
    private readonly Lock _evicting = new();
    private readonly ITimer _sweeper;
    private readonly Meter _meter = new("SessionStores.Memory");
    private readonly Counter<long> _evictions;
    private readonly Counter<long> _expired;
    private long _count;
    private long _bytes;
    private long _evictedUnreported;
    private long _nextReport;
    private bool _disposed;

    /// <summary>Makes an empty store and starts its sweeper.</summary>
    /// <param name="options">The limits; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="timeProvider">The clock that decides expiry and drives the sweeper; null for the system's.</param>
    /// <param name="logger">Where evictions are told; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public MemoryStore(MemoryStoreOptions? options = null, TimeProvider? timeProvider = null, ILogger<MemoryStore>? logger = null)
    {
        options ??= new MemoryStoreOptions();
        options.Validate();
        _options = new MemoryStoreOptions
        {
            MaxSessions = options.MaxSessions,
            MaxBytes = options.MaxBytes,
            MaxPayloadBytes = options.MaxPayloadBytes,
            SweepInterval = options.SweepInterval,
        };
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger<MemoryStore>.Instance;
        _shards = new Shard[_options.MaxSessions < SmallStore ? 1 : ShardsOfALargeStore];
        for (var i = 0; i < _shards.Length; i++)
            _shards[i] = new Shard(exactOrder: _shards.Length == 1);

        _evictions = _meter.CreateCounter<long>("sessionstores.memory.evictions", "{session}", "Live sessions dropped because the store was full.");
        _expired = _meter.CreateCounter<long>("sessionstores.memory.expired", "{session}", "Expired sessions removed.");

        // Neither the gauges nor the timer must keep a store alive that nobody uses any more.
        var self = new WeakReference<MemoryStore>(this);
        _meter.CreateObservableGauge("sessionstores.memory.sessions", () => Measure(self, static store => Interlocked.Read(ref store._count)), "{session}", "Sessions held, expired ones not yet removed included.");
        _meter.CreateObservableGauge("sessionstores.memory.size", () => Measure(self, static store => Interlocked.Read(ref store._bytes)), "By", "Memory that the sessions take, as MaxBytes counts it.");
        _sweeper = _time.CreateTimer(static state => SweepIfAlive((WeakReference<MemoryStore>)state!), self, _options.SweepInterval, _options.SweepInterval);
    }

    /// <inheritdoc/>
    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        ThrowIfUnusable(cancellationToken);

        var now = _time.GetUtcNow();
        var shard = ShardOf(id);
        using (new Change(this, shard))
        {
            var entry = shard.Find(id, now.UtcTicks);
            if (entry is null)
                return ValueTask.FromResult<SessionRecord?>(null);

            if (slide is { } wanted && wanted.TryExtend(new DateTimeOffset(entry.ExpiresAt, TimeSpan.Zero), now, entry.Payload, out var extended))
                shard.Move(entry, extended.UtcTicks);

            return ValueTask.FromResult<SessionRecord?>(entry.ToRecord());
        }
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes);
        ThrowIfUnusable(cancellationToken);

        var now = Now();
        var entry = NewEntry(id, content);
        var shard = ShardOf(id);
        using (new Change(this, shard))
        {
            if (shard.Find(id, now) is not null)
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Taken));

            if (entry.IsLive(now))
                shard.Add(entry);
        }

        EvictIfFull(shard, entry);
        return ValueTask.FromResult(SessionWriteResult.Written(SessionVersion.Of(entry.Payload, entry.Subject)));
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes);
        ThrowIfUnusable(cancellationToken);

        var now = Now();
        var payload = content.Payload.ToArray();
        var shard = ShardOf(id);
        Entry? entry;
        using (new Change(this, shard))
        {
            entry = shard.Find(id, now);
            if (entry is null)
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Gone));

            if (entry.Version != version)
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Conflict));

            if (content.ExpiresAt.UtcTicks <= now)
                shard.Remove(entry);
            else
                shard.Change(entry, payload, content.ExpiresAt.UtcTicks, content.Subject);
        }

        EvictIfFull(shard, entry);
        return ValueTask.FromResult(SessionWriteResult.Written(SessionVersion.Of(payload, content.Subject)));
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes);
        ThrowIfUnusable(cancellationToken);

        var now = Now();
        var entry = NewEntry(id, content);
        var shard = ShardOf(id);
        using (new Change(this, shard))
        {
            if (shard.Find(id, now) is { } old)
                shard.Remove(old);

            if (entry.IsLive(now))
                shard.Add(entry);
        }

        EvictIfFull(shard, entry);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> TouchAsync(string id, DateTimeOffset expiresAt, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        ThrowIfUnusable(cancellationToken);

        var ticks = SessionExpiry.Normalize(expiresAt).UtcTicks;
        var shard = ShardOf(id);
        using (new Change(this, shard))
        {
            var entry = shard.Find(id, Now());
            if (entry is not null && ticks > entry.ExpiresAt)
                shard.Move(entry, ticks);

            return ValueTask.FromResult(entry is not null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        ThrowIfUnusable(cancellationToken);

        var shard = ShardOf(id);
        using (new Change(this, shard))
        {
            var entry = shard.Find(id, Now());
            if (entry is not null)
                shard.Remove(entry);

            return ValueTask.FromResult(entry is not null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion? version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidId(newId);
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes);
        if (id == newId)
            throw new ArgumentException("The new id must differ from the old one.", nameof(newId));

        ThrowIfUnusable(cancellationToken);

        var now = Now();
        var rotated = NewEntry(newId, content);
        var from = ShardOf(id);
        var to = ShardOf(newId);
        using (new Change(this, from, to))
        {
            var entry = from.Find(id, now);
            if (entry is null)
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Gone));

            if (version is { } loaded && entry.Version != loaded)
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Conflict));

            if (to.Find(newId, now) is not null)
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Taken));

            from.Remove(entry);
            if (rotated.IsLive(now))
                to.Add(rotated);
        }

        EvictIfFull(to, rotated);
        return ValueTask.FromResult(SessionWriteResult.Written(SessionVersion.Of(rotated.Payload, rotated.Subject)));
    }

    /// <summary>Stops the sweeper and forgets every session.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;

        _sweeper.Dispose();
        _meter.Dispose();
        foreach (var shard in _shards)
        {
            lock (shard.Lock)
                shard.Clear();
        }
    }

    private static void SweepIfAlive(WeakReference<MemoryStore> reference)
    {
        if (reference.TryGetTarget(out var store) && !store._disposed)
            store.Sweep(SweepStep, CancellationToken.None);
    }

    private static IEnumerable<Measurement<long>> Measure(WeakReference<MemoryStore> reference, Func<MemoryStore, long> value) =>
        reference.TryGetTarget(out var store) ? [new Measurement<long>(value(store))] : [];

    private static Entry NewEntry(string id, in SessionContent content) =>
        new(id, content.Payload.ToArray(), content.ExpiresAt.UtcTicks, content.Subject);

    private long Now() => _time.GetUtcNow().UtcTicks;

    private Shard ShardOf(string id) =>
        _shards.Length == 1 ? _shards[0] : _shards[(id.GetHashCode(StringComparison.Ordinal) >> 8) & (_shards.Length - 1)];

    private void ThrowIfUnusable(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private bool IsFull => Interlocked.Read(ref _count) > _options.MaxSessions || Interlocked.Read(ref _bytes) > _options.MaxBytes;

    /// <summary>Brings the store back under its limits after a write: expired sessions go first, then the least recently used,
    /// beginning in the shard of the write and sparing what was just written.</summary>
    private void EvictIfFull(Shard written, Entry spared)
    {
        if (!IsFull)
            return;

        // One at a time, or several writers would each make room for the same excess.
        using var turn = _evicting.EnterScope();
        var start = Array.IndexOf(_shards, written);
        var evicted = 0L;
        for (var i = 0; IsFull && i < _shards.Length; i++)
        {
            var shard = _shards[(start + i) % _shards.Length];
            using (new Change(this, shard))
                shard.Sweep(Now(), SweepStep);

            while (IsFull)
            {
                using (new Change(this, shard))
                {
                    if (shard.Victim() is not { } victim || victim == spared)
                        break;

                    shard.Remove(victim);
                    evicted++;
                }
            }
        }

        if (evicted > 0)
            ReportEvictions(evicted);
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

    /// <summary>Holds the locks of one or two shards and carries what changed in them into the totals of the store.</summary>
    private readonly ref struct Change
    {
        private readonly MemoryStore _store;
        private readonly Shard _first;
        private readonly Shard? _second;
        private readonly long _count;
        private readonly long _bytes;

        public Change(MemoryStore store, Shard first, Shard? second = null)
        {
            // Two shards are always locked in the order of their places, so that two rotations cannot wait for each other.
            _second = second is null || second == first ? null : second;
            if (_second is not null && Array.IndexOf(store._shards, _second) < Array.IndexOf(store._shards, first))
                (first, _second) = (_second, first);

            _store = store;
            _first = first;
            _first.Lock.Enter();
            _second?.Lock.Enter();
            _count = first.Count + (_second?.Count ?? 0);
            _bytes = first.Bytes + (_second?.Bytes ?? 0);
        }

        public void Dispose()
        {
            var count = _first.Count + (_second?.Count ?? 0) - _count;
            var bytes = _first.Bytes + (_second?.Bytes ?? 0) - _bytes;
            if (count != 0)
                Interlocked.Add(ref _store._count, count);

            if (bytes != 0)
                Interlocked.Add(ref _store._bytes, bytes);

            _second?.Lock.Exit();
            _first.Lock.Exit();
        }
    }
}
