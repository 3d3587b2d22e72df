using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SessionStores.Memory;

/// <summary>Keeps sessions in the memory of this process: the embedded default and the reference implementation of the contract.</summary>
/// <remarks>
/// <para>Bounded in sessions and bytes; above a limit the least recently used sessions are evicted, those without a subject first, which a warning and the counter
/// <c>sessionstores.memory.evictions</c> report. The sessions end with the process. The <see cref="TimeProvider"/> decides expiry.</para>
/// <para>Each new session removes up to two expired ones of its shard; <see cref="PruneAsync"/> removes all.</para>
/// <para>Ids are spread over shards with a lock each. A store of fewer than 10,000 sessions has one shard and an exact order of use; a larger
/// one evicts, shard by shard, sessions that have not been used since the last visit.</para>
/// </remarks>
public sealed partial class MemoryStore : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionKeys, ISessionCaps, ISessionEpochs, ISessionPruning, ISessionSuccessors, ISessionExpirations, IDisposable
{
    private const int ShardsOfALargeStore = 64;
    private const int SmallStore = 10_000;

    /// <summary>How many expired sessions are removed before the lock of a shard is released for readers.</summary>
    private const int PruneStep = 128;

    private readonly MemoryStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Shard[] _shards;
    private readonly Lock _evicting = new();
    private readonly Meter _meter = new("SessionStores.Memory");
    private readonly Counter<long> _evictions;
    private readonly Counter<long> _expired;
    private long _count;
    private long _bytes;
    private long _evictedUnreported;
    private long _nextReport;
    private bool _disposed;

    /// <summary>Creates an empty store.</summary>
    /// <param name="options">The limits; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="timeProvider">The clock that decides expiry; null for the system's.</param>
    /// <param name="logger">Logs evictions. Optional.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public MemoryStore(MemoryStoreOptions? options = null, TimeProvider? timeProvider = null, ILogger<MemoryStore>? logger = null)
    {
        options ??= new MemoryStoreOptions();
        options.Validate();
        _options = options.Copy();
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger<MemoryStore>.Instance;
        _shards = new Shard[_options.MaxSessions < SmallStore ? 1 : ShardsOfALargeStore];
        for (var i = 0; i < _shards.Length; i++)
            _shards[i] = new Shard(exactOrder: _shards.Length == 1, mostLinks: Math.Max(1, _options.MaxSessions / _shards.Length));

        _evictions = _meter.CreateCounter<long>("sessionstores.memory.evictions", "{session}", "Live sessions dropped because the store was full.");
        _expired = _meter.CreateCounter<long>("sessionstores.memory.expired", "{session}", "Expired sessions removed.");

        // The gauges must not keep an abandoned store alive.
        var self = new WeakReference<MemoryStore>(this);
        _meter.CreateObservableGauge("sessionstores.memory.sessions", () => Measure(self, static store => Interlocked.Read(ref store._count)), "{session}", "Sessions held, expired ones not yet removed included.");
        _meter.CreateObservableGauge("sessionstores.memory.size", () => Measure(self, static store => Interlocked.Read(ref store._bytes)), "By", "Memory that the sessions take, as MaxBytes counts it.");
    }

    /// <inheritdoc/>
    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        ThrowIfUnusable(cancellationToken);

        var now = _time.GetUtcNow();
        var hash = RecordTable.HashOf(id);
        var shard = ShardOf(hash);
        using (new Change(this, shard))
        {
            var record = shard.Find(id, hash, now.UtcTicks);
            if (record is null)
                return ValueTask.FromResult<SessionRecord?>(null);

            if (slide is { } wanted && wanted.TryExtend(new DateTimeOffset(record.ExpiresAt, TimeSpan.Zero), now, record.Payload, out var extended))
                shard.Move(record, extended.UtcTicks);

            return ValueTask.FromResult<SessionRecord?>(record.ToSessionRecord(now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        CreateAsync(id, content, (SessionCap?)null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        ReplaceAsync(id, version, content, (SessionCap?)null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes, keepsKeys: true);
        ThrowIfUnusable(cancellationToken);

        var now = _time.GetUtcNow();
        var record = NewRecord(id, content, now);
        var shard = ShardOf(id);
        using (new Change(this, shard))
        {
            if (shard.Find(id, now.UtcTicks) is { } old)
            {
                if (old.Subject == record.Subject)
                    record.JoinedAt = old.JoinedAt;

                shard.Remove(old);
            }

            Add(shard, record, now.UtcTicks);
        }

        EvictIfFull(shard, record);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        ThrowIfUnusable(cancellationToken);

        var now = _time.GetUtcNow();
        var ticks = lifetime.ExpiryAt(now).UtcTicks;
        var shard = ShardOf(id);
        using (new Change(this, shard))
        {
            var record = shard.Find(id, now.UtcTicks);
            if (record is not null && ticks > record.ExpiresAt)
                shard.Move(record, ticks);

            return ValueTask.FromResult(record is not null);
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
            var now = Now();
            if (shard.Find(id, now) is { } record)
            {
                shard.Remove(record);
                return ValueTask.FromResult(true);
            }

            if (shard.Links.Find(id, now) is null)
                return ValueTask.FromResult(false);
        }

        return ValueTask.FromResult(DestroyRotated(id));
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        RotateAsync(id, newId, version, content, (SessionCap?)null, cancellationToken);

    /// <summary>Removes every session. Every later call throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;

        _meter.Dispose();
        foreach (var shard in _shards)
        {
            lock (shard.Lock)
                shard.Clear();
        }

        _expirations?.Clear();
    }

    private ValueTask<SessionWriteResult> CreateAsync(string id, in SessionContent content, SessionCap? cap, CancellationToken cancellationToken)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes, keepsKeys: true);
        ThrowIfUnusable(cancellationToken);

        var now = _time.GetUtcNow();
        var record = NewRecord(id, content, now);
        var shard = ShardOf(id);
        using (new Change(this, shard, all: cap is not null))
        {
            if (shard.Find(id, now.UtcTicks) is not null)
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Taken));

            if (!TryMakeRoom(cap, content.Subject, null, now.UtcTicks))
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Full));

            Add(shard, record, now.UtcTicks);
        }

        EvictIfFull(shard, record);
        return ValueTask.FromResult(SessionWriteResult.Written(record.Version));
    }

    private ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, in SessionContent content, SessionCap? cap, CancellationToken cancellationToken)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidVersion(version);
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes, keepsKeys: true);
        ThrowIfUnusable(cancellationToken);

        var now = _time.GetUtcNow();
        var payload = content.Payload.ToArray();
        var hash = RecordTable.HashOf(id);
        var shard = ShardOf(hash);
        MemoryRecord? record;
        using (new Change(this, shard, all: cap is not null))
        {
            record = shard.Find(id, hash, now.UtcTicks);
            if (record is null)
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Gone));

            if (!version.IsAny && record.Version != version)
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Conflict));

            if (!TryMakeRoom(cap, content.Subject, record, now.UtcTicks))
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Full));

            var expiresAt = content.Lifetime.ExpiryAt(now);
            if (expiresAt <= now)
                shard.Remove(record);
            else
                shard.Change(record, payload, expiresAt.UtcTicks, content, now.UtcTicks);
        }

        EvictIfFull(shard, record);
        return ValueTask.FromResult(SessionWriteResult.Written(MemoryRecord.VersionOf(payload, content.Subject, content.Key)));
    }

    private ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, in SessionContent content, SessionCap? cap, CancellationToken cancellationToken)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidId(newId);
        SessionArguments.ThrowIfInvalidVersion(version);
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes, keepsKeys: true);
        if (id == newId)
            throw new ArgumentException("The new id must differ from the old one.", nameof(newId));

        ThrowIfUnusable(cancellationToken);

        var now = _time.GetUtcNow();
        var rotated = NewRecord(newId, content, now);
        var from = ShardOf(id);
        var to = ShardOf(newId);
        using (new Change(this, from, to, all: cap is not null))
        {
            var record = from.Find(id, now.UtcTicks);
            if (record is null)
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Gone));

            if (!version.IsAny && record.Version != version)
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Conflict));

            if (to.Find(newId, now.UtcTicks) is not null)
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Taken));

            if (!TryMakeRoom(cap, content.Subject, record, now.UtcTicks))
                return ValueTask.FromResult(SessionWriteResult.NotWritten(SessionWriteStatus.Full));

            if (rotated.Subject == record.Subject)
                rotated.JoinedAt = record.JoinedAt;

            from.Remove(record);
            Add(to, rotated, now.UtcTicks);
            from.Links.Add(id, newId, now.UtcTicks);
        }

        EvictIfFull(to, rotated);
        return ValueTask.FromResult(SessionWriteResult.Written(rotated.Version));
    }

    private static IEnumerable<Measurement<long>> Measure(WeakReference<MemoryStore> reference, Func<MemoryStore, long> value) =>
        reference.TryGetTarget(out var store) ? [new Measurement<long>(value(store))] : [];

    private static MemoryRecord NewRecord(string id, in SessionContent content, DateTimeOffset now) =>
        new(id, content.Payload.ToArray(), content.Lifetime.ExpiryAt(now).UtcTicks, content.Subject, content.Key) { JoinedAt = now.UtcTicks };

    /// <summary>Adds a record that has not expired already, and removes up to two expired ones, so that they never pile up.</summary>
    private void Add(Shard shard, MemoryRecord record, long now)
    {
        if (record.IsLive(now))
            shard.Add(record);

        CountExpired(shard.RemoveExpired(now, 2));
    }

    /// <summary>Ends the session that an id became, in one step over all shards.</summary>
    private bool DestroyRotated(string id)
    {
        using (Change.OfAll(this))
        {
            var now = Now();
            id = Follow(id, now);
            var shard = ShardOf(id);
            if (shard.Find(id, now) is not { } record)
                return false;

            shard.Remove(record);
            return true;
        }
    }

    /// <summary>The id of what a session became, over any number of rotations. The caller holds all locks.</summary>
    private string Follow(string id, long now)
    {
        for (var hop = 0; hop < RotationLink.MaxHops && ShardOf(id).Links.Find(id, now) is { } newId; hop++)
            id = newId;

        return id;
    }

    private long Now() => _time.GetUtcNow().UtcTicks;

    private Shard ShardOf(string id) => ShardOf(RecordTable.HashOf(id));

    private Shard ShardOf(int hash) => _shards[(hash >> 8) & (_shards.Length - 1)];

    private void ThrowIfUnusable(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
