using System.Numerics;

namespace SessionStores.Memory;

/// <summary>Records by id, in one array with open addressing.</summary>
/// <remarks>Of a million sessions those in use may be anywhere in memory, and then a look-up takes as long as the processor waits for it. Here it waits for
/// a place in the array and for the record; a table with buckets and entries has one place more to wait for.</remarks>
internal sealed class RecordTable
{
    private const int LeastPlaces = 16;

    /// <summary>2^32 divided by the golden ratio.</summary>
    private const uint Spread = 2_654_435_769;

    /// <summary>A power of two.</summary>
    private Place[] _places = new Place[LeastPlaces];

    public int Count { get; private set; }

    /// <summary>The hash of an id, seeded for each process: whoever chooses ids cannot make them collide.</summary>
    public static int HashOf(string id) => id.GetHashCode(StringComparison.Ordinal);

    /// <summary>Finds the record of an id.</summary>
    /// <param name="id">The id.</param>
    /// <param name="hash">Its <see cref="HashOf"/>.</param>
    public MemoryRecord? Find(string id, int hash)
    {
        var places = _places;
        for (var index = HomeOf(hash, places.Length); places[index].Record is { } record; index = (index + 1) & (places.Length - 1))
        {
            if (places[index].Hash == hash && record.Id == id)
                return record;
        }

        return null;
    }

    /// <summary>Adds a record whose id is not in the table.</summary>
    public void Add(MemoryRecord record)
    {
        if (4 * (Count + 1) > 3 * _places.Length)
            Grow();

        Put(_places, new Place(record, HashOf(record.Id)));
        Count++;
    }

    /// <summary>Removes a record that is in the table.</summary>
    public void Remove(MemoryRecord record)
    {
        var places = _places;
        var last = places.Length - 1;
        var free = HomeOf(HashOf(record.Id), places.Length);
        while (places[free].Record != record)
            free = (free + 1) & last;

        // A search ends at the first free place: what was put further on because this one was taken moves up.
        for (var index = (free + 1) & last; places[index].Record is not null; index = (index + 1) & last)
        {
            var distance = (index - HomeOf(places[index].Hash, places.Length)) & last;
            if (distance < ((index - free) & last))
                continue;

            places[free] = places[index];
            free = index;
        }

        places[free] = default;
        Count--;
    }

    public void Clear()
    {
        _places = new Place[LeastPlaces];
        Count = 0;
    }

    public MemoryRecord[] ToArray()
    {
        var records = new MemoryRecord[Count];
        var count = 0;
        foreach (var place in _places)
        {
            if (place.Record is { } record)
                records[count++] = record;
        }

        return records;
    }

    private void Grow()
    {
        var larger = new Place[2 * _places.Length];
        foreach (var place in _places)
        {
            if (place.Record is not null)
                Put(larger, place);
        }

        _places = larger;
    }

    private static void Put(Place[] places, in Place added)
    {
        var index = HomeOf(added.Hash, places.Length);
        while (places[index].Record is not null)
            index = (index + 1) & (places.Length - 1);

        places[index] = added;
    }

    /// <summary>Where a search begins. Ids of one shard have some bits of their hashes in common, which the multiplication spreads.</summary>
    private static int HomeOf(int hash, int places) => (int)(((uint)hash * Spread) >> (BitOperations.LeadingZeroCount((uint)places) + 1));

    private readonly record struct Place(MemoryRecord? Record, int Hash);
}
