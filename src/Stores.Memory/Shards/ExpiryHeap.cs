namespace SessionStores.Memory;

/// <summary>A four-ary heap by expiry whose records know their place, so that a touch moves one record and pruning looks only at
/// what has expired. The instants are in the heap itself: comparing them touches no record.</summary>
internal sealed class ExpiryHeap
{
    private const int Arity = 4;
    private (long ExpiresAt, MemoryRecord MemoryRecord)[] _places = [];
    private int _count;

    public MemoryRecord? First => _count > 0 ? _places[0].MemoryRecord : null;

    /// <summary>Puts an record at its place after its expiry was set or has changed.</summary>
    public void Update(MemoryRecord record)
    {
        if (record.ExpiresAt == SessionExpiry.Never.Ticks)
        {
            Remove(record);
            return;
        }

        if (record.HeapIndex < 0)
        {
            if (_count == _places.Length)
                Array.Resize(ref _places, Math.Max(4, _count + (_count >> 1)));

            record.HeapIndex = _count++;
        }

        Settle((record.ExpiresAt, record), record.HeapIndex);
    }

    public void Remove(MemoryRecord record)
    {
        var index = record.HeapIndex;
        if (index < 0)
            return;

        record.HeapIndex = -1;
        var last = _places[--_count];
        _places[_count] = default;
        if (last.MemoryRecord != record)
            Settle(last, index);
    }

    public void Clear()
    {
        _places = [];
        _count = 0;
    }

    /// <summary>Puts something that belongs at a place, or above or below it, where it belongs.</summary>
    private void Settle((long ExpiresAt, MemoryRecord MemoryRecord) moved, int index)
    {
        var above = Above(moved.ExpiresAt, index);
        Place(moved, above < index ? above : Below(moved.ExpiresAt, index));
    }

    /// <summary>Makes room on the way up; returns where.</summary>
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

    /// <summary>Makes room on the way down; returns where.</summary>
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

    private void Place((long ExpiresAt, MemoryRecord MemoryRecord) moved, int index)
    {
        _places[index] = moved;
        moved.MemoryRecord.HeapIndex = index;
    }
}
