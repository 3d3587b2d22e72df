namespace SessionStores.Memory;

/// <summary>What rotated ids became, in the order of their rotations. The oldest are forgotten first when there are too many.</summary>
/// <param name="most">The most links that are kept.</param>
internal sealed class RotationLinks(int most)
{
    private readonly Dictionary<string, (string NewId, long Until)> _links = new(StringComparer.Ordinal);

    /// <summary>All links that were made. One that was made anew or dropped since is here with another end, or in vain.</summary>
    private readonly Queue<(string Id, long Until)> _order = new();

    public int Count => _links.Count;

    /// <summary>What an id became; null when that is not known, or no longer.</summary>
    public string? Find(string id, long now) => _links.TryGetValue(id, out var link) && now < link.Until ? link.NewId : null;

    /// <summary>How much of the life of a link is left.</summary>
    public TimeSpan LeftOf(string id, long now) => _links.TryGetValue(id, out var link) ? TimeSpan.FromTicks(Math.Max(0, link.Until - now)) : TimeSpan.Zero;

    public void Add(string id, string newId, long now)
    {
        RemoveOld(now);
        if (_order.Count >= most)
            RemoveOldest();

        var until = now + RotationLink.Life.Ticks;
        _links[id] = (newId, until);
        _order.Enqueue((id, until));
    }

    /// <summary>Forgets what an id became, since it is a session of its own again.</summary>
    public void Remove(string id) => _links.Remove(id);

    public void RemoveOld(long now)
    {
        while (_order.TryPeek(out var oldest) && oldest.Until <= now)
            RemoveOldest();
    }

    public void Clear()
    {
        _links.Clear();
        _order.Clear();
    }

    private void RemoveOldest()
    {
        var (id, until) = _order.Dequeue();
        if (_links.TryGetValue(id, out var link) && link.Until == until)
            _links.Remove(id);
    }
}
