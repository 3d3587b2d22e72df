namespace SessionStores.Memory;

/// <summary>A four-ary heap by expiry whose entries know their place, so that a touch moves one entry and a sweep looks only at
/// what has expired.</summary>
internal sealed class ExpiryHeap
{
    private const int Arity = 4;
    private Entry[] _entries = [];
    private int _count;

    public Entry? First => _count > 0 ? _entries[0] : null;

    /// <summary>Puts an entry at its place after its expiry was set or has changed.</summary>
    public void Update(Entry entry)
    {
        if (entry.ExpiresAt == SessionExpiry.Never.Ticks)
        {
            Remove(entry);
            return;
        }

        if (entry.HeapIndex < 0)
        {
            if (_count == _entries.Length)
                Array.Resize(ref _entries, Math.Max(4, _count + (_count >> 1)));

            entry.HeapIndex = _count++;
            _entries[entry.HeapIndex] = entry;
        }

        if (!MoveUp(entry))
            MoveDown(entry);
    }

    public void Remove(Entry entry)
    {
        var index = entry.HeapIndex;
        if (index < 0)
            return;

        entry.HeapIndex = -1;
        var last = _entries[--_count];
        _entries[_count] = null!;
        if (last == entry)
            return;

        Place(last, index);
        if (!MoveUp(last))
            MoveDown(last);
    }

    public void Clear()
    {
        _entries = [];
        _count = 0;
    }

    private bool MoveUp(Entry entry)
    {
        var start = entry.HeapIndex;
        var index = start;
        while (index > 0)
        {
            var parent = (index - 1) / Arity;
            if (_entries[parent].ExpiresAt <= entry.ExpiresAt)
                break;

            Place(_entries[parent], index);
            index = parent;
        }

        Place(entry, index);
        return index != start;
    }

    private void MoveDown(Entry entry)
    {
        var index = entry.HeapIndex;
        while (true)
        {
            var first = (index * Arity) + 1;
            if (first >= _count)
                break;

            var least = first;
            var end = Math.Min(first + Arity, _count);
            for (var child = first + 1; child < end; child++)
            {
                if (_entries[child].ExpiresAt < _entries[least].ExpiresAt)
                    least = child;
            }

            if (_entries[least].ExpiresAt >= entry.ExpiresAt)
                break;

            Place(_entries[least], index);
            index = least;
        }

        Place(entry, index);
    }

    private void Place(Entry entry, int index)
    {
        _entries[index] = entry;
        entry.HeapIndex = index;
    }
}
