namespace SessionStores.Memory;

/// <summary>A part of the sessions under one lock: a table by id, two orders of use, a heap by expiry, an index by subject and by key, and the
/// links of rotations.</summary>
/// <remarks>Every member but <see cref="Lock"/> is only used by the holder of the lock.</remarks>
internal sealed class Shard
{
    private readonly RecordTable _byId = new();
    private readonly Dictionary<string, HashSet<MemoryRecord>> _index = new(StringComparer.Ordinal);
    private readonly ExpiryHeap _byExpiry = new();
    private readonly UseOrder _anonymous;
    private readonly UseOrder _ofSubjects;

    /// <param name="exactOrder">Whether the order of use is exact; see <see cref="UseOrder"/>.</param>
    /// <param name="mostLinks">The most links of rotations that are kept.</param>
    public Shard(bool exactOrder, int mostLinks)
    {
        _anonymous = new UseOrder(exactOrder);
        _ofSubjects = new UseOrder(exactOrder);
        Links = new RotationLinks(mostLinks);
    }

    public Lock Lock { get; } = new();

    /// <summary>Where expired sessions wait to be claimed; null where none are.</summary>
    public ExpiredSessions? Expirations { get; set; }

    public int Count => _byId.Count;

    public long Bytes { get; private set; }

    /// <summary>What ids of this part became by a rotation.</summary>
    public RotationLinks Links { get; }

    /// <summary>The record to evict next: the one that was least recently read or written.</summary>
    /// <param name="anonymous">Whether it is one without a subject; sessions of users are evicted when there are no others.</param>
    public MemoryRecord? Victim(bool anonymous) => (anonymous ? _anonymous : _ofSubjects).Victim();

    /// <summary>Finds a live session and makes it the most recently used. An expired one is removed on the way.</summary>
    public MemoryRecord? Find(string id, long now) => Find(id, RecordTable.HashOf(id), now);

    /// <summary>The same for a caller that knows the <see cref="RecordTable.HashOf"/>.</summary>
    public MemoryRecord? Find(string id, int hash, long now)
    {
        if (_byId.Find(id, hash) is not { } record)
            return null;

        if (!record.IsLive(now))
        {
            Expire(record);
            return null;
        }

        OrderOf(record).Use(record);
        return record;
    }

    public void Add(MemoryRecord record)
    {
        Links.Remove(record.Id);
        _byId.Add(record);
        OrderOf(record).Add(record);
        _byExpiry.Update(record);
        Index(record);
        Bytes += record.Bytes;
    }

    public void Remove(MemoryRecord record)
    {
        Bytes -= record.Bytes;
        _byId.Remove(record);
        OrderOf(record).Remove(record);
        _byExpiry.Remove(record);
        Unindex(record);
    }

    public void Change(MemoryRecord record, byte[] payload, long expiresAt, in SessionContent content, long now)
    {
        Bytes -= record.Bytes;
        record.Payload = payload;
        if (record.Subject != content.Subject || record.Key != content.Key)
        {
            Unindex(record);
            OrderOf(record).Remove(record);
            if (record.Subject != content.Subject)
                record.JoinedAt = now;

            (record.Subject, record.Key) = (content.Subject, content.Key);
            OrderOf(record).Add(record);
            Index(record);
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
            Expire(first);
            removed++;
        }

        return removed;
    }

    public MemoryRecord[] Snapshot() => _byId.ToArray();

    /// <param name="name">A subject, or the name of a key (<see cref="KeyIndex"/>).</param>
    public MemoryRecord[] Snapshot(string name) => _index.TryGetValue(name, out var records) ? [.. records] : [];

    /// <summary>What is stored under an id, live or not, without using it.</summary>
    public MemoryRecord? Peek(string id) => _byId.Find(id, RecordTable.HashOf(id));

    public void Clear()
    {
        _byId.Clear();
        _index.Clear();
        _byExpiry.Clear();
        _anonymous.Clear();
        _ofSubjects.Clear();
        Links.Clear();
        Bytes = 0;
    }

    private void Expire(MemoryRecord record)
    {
        Remove(record);
        Expirations?.Add(record);
    }

    private UseOrder OrderOf(MemoryRecord record) => record.Subject is null ? _anonymous : _ofSubjects;

    private void Index(MemoryRecord record)
    {
        if (record.Subject is not null)
            Index(record.Subject, record);

        if (record.Key is not null)
            Index(KeyIndex.NameOf(record.Key), record);
    }

    private void Index(string name, MemoryRecord record)
    {
        if (!_index.TryGetValue(name, out var records))
            _index.Add(name, records = []);

        records.Add(record);
    }

    private void Unindex(MemoryRecord record)
    {
        if (record.Subject is not null)
            Unindex(record.Subject, record);

        if (record.Key is not null)
            Unindex(KeyIndex.NameOf(record.Key), record);
    }

    private void Unindex(string name, MemoryRecord record)
    {
        if (!_index.TryGetValue(name, out var records))
            return;

        records.Remove(record);
        if (records.Count == 0)
            _index.Remove(name);
    }
}
