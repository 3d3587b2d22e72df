namespace SessionStores.Memory;

/// <summary>A four-ary heap by expiry whose entries know their place, so that a touch moves one entry and a sweep looks only at
/// what has expired. The instants stand in the heap itself: to compare them touches no entry.</summary>
internal sealed class ExpiryHeap
{
    private const int Arity = 4;
    private (long ExpiresAt, Entry Entry)[] _places = [];
    private int _count;

    public Entry? First => _count > 0 ? _places[0].Entry : null;

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
            if (_count == _places.Length)
                Array.Resize(ref _places, Math.Max(4, _count + (_count >> 1)));

            entry.HeapIndex = _count++;
        }

        Settle((entry.ExpiresAt, entry), entry.HeapIndex);
    }

    public void Remove(Entry entry)
    {
        var index = entry.HeapIndex;
        if (index < 0)
            return;

        entry.HeapIndex = -1;
        var last = _places[--_count];
        _places[_count] = default;
        if (last.Entry != entry)
            Settle(last, index);
    }

    public void Clear()
    {
        _places = [];
        _count = 0;
    }

    /// <summary>Puts something that belongs at a place, or above or below it, where it belongs.</summary>
    private void Settle((long ExpiresAt, Entry Entry) moved, int index)
    {
        var above = Above(moved.ExpiresAt, index);
        Place(moved, above < index ? above : Below(moved.ExpiresAt, index));
    }

    /// <summary>Makes room on the way up; answers where.</summary>
    private int Above(long expiresAt, int index)
    {
        while (index > 0)
        {
            var parent = (index - 1) / Arity;
            if (_places[parent].ExpiresAt <= expiresAt)
                break;

            Place(_places[parent], index);
            index = parent;
        }

        return index;
    }

    /// <summary>Makes room on the way down; answers where.</summary>
    private int Below(long expiresAt, int index)
    {
        while (true)
        {
            var first = (index * Arity) + 1;
            if (first >= _count)
                return index;

            var least = first;
            var end = Math.Min(first + Arity, _count);
            for (var child = first + 1; child < end; child++)
            {
                if (_places[child].ExpiresAt < _places[least].ExpiresAt)
                    least = child;
            }

            if (_places[least].ExpiresAt >= expiresAt)
                return index;

            Place(_places[least], index);
            index = least;
        }
    }

    private void Place((long ExpiresAt, Entry Entry) moved, int index)
    {
        _places[index] = moved;
        moved.Entry.HeapIndex = index;
    }
}
