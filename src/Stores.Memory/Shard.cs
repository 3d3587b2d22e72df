namespace SessionStores.Memory;

/// <summary>A part of the sessions under one lock: a table by id, an order of use, a heap by expiry and an index by subject.</summary>
/// <remarks>Every member but <see cref="Lock"/> is used by the holder of the lock alone.</remarks>
internal sealed class Shard
{
    private readonly bool _exactOrder;
    private readonly HashSet<Entry> _entries;
    private readonly HashSet<Entry>.AlternateLookup<string> _byId;
    private readonly Dictionary<string, HashSet<Entry>> _bySubject = new(StringComparer.Ordinal);
    private readonly ExpiryHeap _byExpiry = new();
    private Entry? _mostRecent;
    private Entry? _leastRecent;

    /// <param name="exactOrder">True keeps the order of use exact, which moves neighbours at each read. False only marks what is read
    /// and gives it a second chance when its turn to go has come, which spares a read the memory of its neighbours.</param>
    public Shard(bool exactOrder)
    {
        _exactOrder = exactOrder;
        _entries = new HashSet<Entry>(IdComparer.Instance);
        _byId = _entries.GetAlternateLookup<string>();
    }

    public Lock Lock { get; } = new();

    public int Count => _entries.Count;

    public long Bytes { get; private set; }

    /// <summary>The entry whose turn it is to go: the one that has gone longest without being read or written.</summary>
    public Entry? Victim()
    {
        while (_leastRecent is { IsMarked: true } used)
        {
            used.IsMarked = false;
            MoveFirst(used);
        }

        return _leastRecent;
    }

    /// <summary>Finds a live session and makes it the most recently used. An expired one is removed on the way.</summary>
    public Entry? Find(string id, long now)
    {
        if (!_byId.TryGetValue(id, out var entry))
            return null;

        if (!entry.IsLive(now))
        {
            Remove(entry);
            return null;
        }

        if (_exactOrder)
            MoveFirst(entry);
        else
            entry.IsMarked = true;

        return entry;
    }

    public void Add(Entry entry)
    {
        _entries.Add(entry);
        LinkFirst(entry);
        _byExpiry.Update(entry);
        AddSubject(entry);
        Bytes += entry.Bytes;
    }

    public void Remove(Entry entry)
    {
        Bytes -= entry.Bytes;
        _entries.Remove(entry);
        Unlink(entry);
        _byExpiry.Remove(entry);
        RemoveSubject(entry);
    }

    public void Change(Entry entry, byte[] payload, long expiresAt, string? subject)
    {
        Bytes -= entry.Bytes;
        entry.Payload = payload;
        if (entry.Subject != subject)
        {
            RemoveSubject(entry);
            entry.Subject = subject;
            AddSubject(entry);
        }

        Bytes += entry.Bytes;
        Move(entry, expiresAt);
    }

    public void Move(Entry entry, long expiresAt)
    {
        entry.ExpiresAt = expiresAt;
        _byExpiry.Update(entry);
    }

    /// <summary>Removes up to <paramref name="limit"/> expired entries, those that expired first.</summary>
    public int Sweep(long now, int limit)
    {
        var removed = 0;
        while (removed < limit && _byExpiry.First is { } first && !first.IsLive(now))
        {
            Remove(first);
            removed++;
        }

        return removed;
    }

    public Entry[] Snapshot() => [.. _entries];

    public Entry[] Snapshot(string subject) => _bySubject.TryGetValue(subject, out var entries) ? [.. entries] : [];

    public bool Holds(Entry entry) => _byId.TryGetValue(entry.Id, out var held) && held == entry;

    public void Clear()
    {
        _entries.Clear();
        _entries.TrimExcess();
        _bySubject.Clear();
        _byExpiry.Clear();
        _mostRecent = _leastRecent = null;
        Bytes = 0;
    }

    private void AddSubject(Entry entry)
    {
        if (entry.Subject is null)
            return;

        if (!_bySubject.TryGetValue(entry.Subject, out var entries))
            _bySubject.Add(entry.Subject, entries = new HashSet<Entry>(IdComparer.Instance));

        entries.Add(entry);
    }

    private void RemoveSubject(Entry entry)
    {
        if (entry.Subject is null || !_bySubject.TryGetValue(entry.Subject, out var entries))
            return;

        entries.Remove(entry);
        if (entries.Count == 0)
            _bySubject.Remove(entry.Subject);
    }

    private void MoveFirst(Entry entry)
    {
        if (entry == _mostRecent)
            return;

        Unlink(entry);
        LinkFirst(entry);
    }

    private void LinkFirst(Entry entry)
    {
        entry.LessRecent = _mostRecent;
        entry.MoreRecent = null;
        if (_mostRecent is null)
            _leastRecent = entry;
        else
            _mostRecent.MoreRecent = entry;

        _mostRecent = entry;
    }

    private void Unlink(Entry entry)
    {
        if (entry.MoreRecent is null)
            _mostRecent = entry.LessRecent;
        else
            entry.MoreRecent.LessRecent = entry.LessRecent;

        if (entry.LessRecent is null)
            _leastRecent = entry.MoreRecent;
        else
            entry.LessRecent.MoreRecent = entry.MoreRecent;

        entry.MoreRecent = entry.LessRecent = null;
    }

    private sealed class IdComparer : IEqualityComparer<Entry>, IAlternateEqualityComparer<string, Entry>
    {
        public static readonly IdComparer Instance = new();

        public bool Equals(Entry? x, Entry? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.Id == y.Id);

        public int GetHashCode(Entry entry) => entry.Id.GetHashCode(StringComparison.Ordinal);

        public bool Equals(string alternate, Entry other) => alternate == other.Id;

        public int GetHashCode(string alternate) => alternate.GetHashCode(StringComparison.Ordinal);

        public Entry Create(string alternate) => throw new NotSupportedException("Entries are added whole.");
    }
}
