namespace SessionStores.Memory;

/// <summary>A part of the sessions under one lock: a table by id, an order of use, a heap by expiry and an index by subject.</summary>
/// <remarks>Every member but <see cref="Lock"/> is only used by the holder of the lock.</remarks>
internal sealed class Shard
{
    private readonly bool _exactOrder;
    private readonly HashSet<MemoryRecord> _records;
    private readonly HashSet<MemoryRecord>.AlternateLookup<string> _byId;
    private readonly Dictionary<string, HashSet<MemoryRecord>> _bySubject = new(StringComparer.Ordinal);
    private readonly ExpiryHeap _byExpiry = new();
    private MemoryRecord? _mostRecent;
    private MemoryRecord? _leastRecent;

    /// <param name="exactOrder">True keeps the order of use exact, which moves neighbours at each read. False only marks what is read
    /// and gives it a second chance when its turn to go has come, which keeps a read away from the memory of its neighbours.</param>
    public Shard(bool exactOrder)
    {
        _exactOrder = exactOrder;
        _records = new HashSet<MemoryRecord>(IdComparer.Instance);
        _byId = _records.GetAlternateLookup<string>();
    }

    public Lock Lock { get; } = new();

    public int Count => _records.Count;

    public long Bytes { get; private set; }

    /// <summary>The record to evict next: the one that was least recently read or written.</summary>
    public MemoryRecord? Victim()
    {
        while (_leastRecent is { IsMarked: true } used)
        {
            used.IsMarked = false;
            MoveFirst(used);
        }

        return _leastRecent;
    }

    /// <summary>Finds a live session and makes it the most recently used. An expired one is removed on the way.</summary>
    public MemoryRecord? Find(string id, long now)
    {
        if (!_byId.TryGetValue(id, out var record))
            return null;

        if (!record.IsLive(now))
        {
            Remove(record);
            return null;
        }

        if (_exactOrder)
            MoveFirst(record);
        else
            record.IsMarked = true;

        return record;
    }

    public void Add(MemoryRecord record)
    {
        _records.Add(record);
        LinkFirst(record);
        _byExpiry.Update(record);
        AddSubject(record);
        Bytes += record.Bytes;
    }

    public void Remove(MemoryRecord record)
    {
        Bytes -= record.Bytes;
        _records.Remove(record);
        Unlink(record);
        _byExpiry.Remove(record);
        RemoveSubject(record);
    }

    public void Change(MemoryRecord record, byte[] payload, long expiresAt, string? subject)
    {
        Bytes -= record.Bytes;
        record.Payload = payload;
        if (record.Subject != subject)
        {
            RemoveSubject(record);
            record.Subject = subject;
            AddSubject(record);
        }

        Bytes += record.Bytes;
        Move(record, expiresAt);
    }

    public void Move(MemoryRecord record, long expiresAt)
    {
        record.ExpiresAt = expiresAt;
        _byExpiry.Update(record);
    }

    /// <summary>Removes up to <paramref name="limit"/> expired records, those that expired first.</summary>
    public int RemoveExpired(long now, int limit)
    {
        var removed = 0;
        while (removed < limit && _byExpiry.First is { } first && !first.IsLive(now))
        {
            Remove(first);
            removed++;
        }

        return removed;
    }

    public MemoryRecord[] Snapshot() => [.. _records];

    public MemoryRecord[] Snapshot(string subject) => _bySubject.TryGetValue(subject, out var records) ? [.. records] : [];

    public bool Holds(MemoryRecord record) => _byId.TryGetValue(record.Id, out var held) && held == record;

    public void Clear()
    {
        _records.Clear();
        _records.TrimExcess();
        _bySubject.Clear();
        _byExpiry.Clear();
        _mostRecent = _leastRecent = null;
        Bytes = 0;
    }

    private void AddSubject(MemoryRecord record)
    {
        if (record.Subject is null)
            return;

        if (!_bySubject.TryGetValue(record.Subject, out var records))
            _bySubject.Add(record.Subject, records = new HashSet<MemoryRecord>(IdComparer.Instance));

        records.Add(record);
    }

    private void RemoveSubject(MemoryRecord record)
    {
        if (record.Subject is null || !_bySubject.TryGetValue(record.Subject, out var records))
            return;

        records.Remove(record);
        if (records.Count == 0)
            _bySubject.Remove(record.Subject);
    }

    private void MoveFirst(MemoryRecord record)
    {
        if (record == _mostRecent)
            return;

        Unlink(record);
        LinkFirst(record);
    }

    private void LinkFirst(MemoryRecord record)
    {
        record.LessRecent = _mostRecent;
        record.MoreRecent = null;
        if (_mostRecent is null)
            _leastRecent = record;
        else
            _mostRecent.MoreRecent = record;

        _mostRecent = record;
    }

    private void Unlink(MemoryRecord record)
    {
        if (record.MoreRecent is null)
            _mostRecent = record.LessRecent;
        else
            record.MoreRecent.LessRecent = record.LessRecent;

        if (record.LessRecent is null)
            _leastRecent = record.MoreRecent;
        else
            record.LessRecent.MoreRecent = record.MoreRecent;

        record.MoreRecent = record.LessRecent = null;
    }

    private sealed class IdComparer : IEqualityComparer<MemoryRecord>, IAlternateEqualityComparer<string, MemoryRecord>
    {
        public static readonly IdComparer Instance = new();

        public bool Equals(MemoryRecord? x, MemoryRecord? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.Id == y.Id);

        public int GetHashCode(MemoryRecord record) => record.Id.GetHashCode(StringComparison.Ordinal);

        public bool Equals(string alternate, MemoryRecord other) => alternate == other.Id;

        public int GetHashCode(string alternate) => alternate.GetHashCode(StringComparison.Ordinal);

        public MemoryRecord Create(string alternate) => throw new NotSupportedException("Records are added whole.");
    }
}
