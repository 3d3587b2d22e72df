namespace SessionStores.Memory;

/// <summary>Sessions in the order of their use.</summary>
/// <param name="exact">True keeps the order exact, which moves neighbours at each read. False only marks what is read and gives it a second
/// chance when its turn to go has come, which keeps a read away from the memory of its neighbours.</param>
internal sealed class UseOrder(bool exact)
{
    private MemoryRecord? _mostRecent;
    private MemoryRecord? _leastRecent;

    /// <summary>The record that was least recently read or written, or null.</summary>
    public MemoryRecord? Victim()
    {
        while (_leastRecent is { IsMarked: true } used)
        {
            used.IsMarked = false;
            MoveFirst(used);
        }

        return _leastRecent;
    }

    public void Use(MemoryRecord record)
    {
        if (exact)
            MoveFirst(record);
        else
            record.IsMarked = true;
    }

    public void Add(MemoryRecord record)
    {
        record.LessRecent = _mostRecent;
        record.MoreRecent = null;
        if (_mostRecent is null)
            _leastRecent = record;
        else
            _mostRecent.MoreRecent = record;

        _mostRecent = record;
    }

    public void Remove(MemoryRecord record)
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

    public void Clear() => _mostRecent = _leastRecent = null;

    private void MoveFirst(MemoryRecord record)
    {
        if (record == _mostRecent)
            return;

        Remove(record);
        Add(record);
    }
}
