namespace SessionStores.Memory;

/// <summary>Expired sessions that wait to be claimed, and those that are claimed.</summary>
/// <param name="most">The most sessions that are kept. Of more, those that expired first are dropped: their claimer does not keep up.</param>
internal sealed class ExpiredSessions(int most)
{
    private readonly Lock _lock = new();
    private readonly Queue<MemoryRecord> _waiting = new();
    private readonly Dictionary<string, Claimed> _claimed = new(StringComparer.Ordinal);
    private long _claims;

    public void Add(MemoryRecord record)
    {
        lock (_lock)
        {
            _waiting.Enqueue(record);
            if (_waiting.Count > most)
                _waiting.Dequeue();
        }
    }

    /// <summary>Claims sessions: first those of claims whose lease is over.</summary>
    public IReadOnlyList<ExpiredSession> Claim(int size, TimeSpan lease, DateTimeOffset now)
    {
        lock (_lock)
        {
            var batch = _claimed.Where(entry => entry.Value.Until <= now).Take(size).ToList();
            foreach (var (claim, _) in batch)
                _claimed.Remove(claim);

            var records = batch.Select(entry => (entry.Value.Record, entry.Value.Claims)).ToList();
            while (records.Count < size && _waiting.TryDequeue(out var record))
                records.Add((record, 0));

            return [.. records.Select(entry => Claim(entry.Record, entry.Claims + 1, now + lease))];
        }
    }

    public void Confirm(IEnumerable<ExpiredSession> sessions)
    {
        lock (_lock)
        {
            foreach (var session in sessions)
                _claimed.Remove(session.Claim);
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _waiting.Clear();
            _claimed.Clear();
        }
    }

    private ExpiredSession Claim(MemoryRecord record, int claims, DateTimeOffset until)
    {
        var claim = $"{++_claims}";
        _claimed.Add(claim, new Claimed(record, claims, until));
        return new ExpiredSession(
            new SessionRecord(record.Id, record.Payload, new DateTimeOffset(record.ExpiresAt, TimeSpan.Zero), TimeSpan.Zero, record.Subject, default, record.Key), claims, claim);
    }

    private sealed record Claimed(MemoryRecord Record, int Claims, DateTimeOffset Until);
}
