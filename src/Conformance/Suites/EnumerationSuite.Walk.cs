using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SessionStores.Conformance.Suites;

/// <content>A listing that reads in batches: none of its batches is its end because of what is in it, or of what has become of its last session.</content>
internal sealed partial class EnumerationSuite
{
    /// <summary>More than two batches of a store that reads a hundred records at once.</summary>
    private const int Unreadable = 240;

    [Clause("L13", "L19", Needs = StoreCapabilities.Enumeration | StoreCapabilities.UnreadableRecords)]
    public Task A_batch_of_records_that_cannot_be_read_ends_no_listing() => RunAsync(async () =>
    {
        var lines = new ConcurrentQueue<string>();
        var store = await Context.OpenAsync(settings: new() { Log = Context.Offers(StoreCapabilities.Logs) ? lines.Enqueue : null });
        var many = store.Require<ISessionEnumeration>();
        var first = NewIds(5).ConvertAll(id => "a" + id);
        var last = NewIds(5).ConvertAll(id => "z" + id);
        await CreateManyAsync(store, first, Content());

        // One after the other in the order of the ids and in that of the writes.
        foreach (var some in NewIds(Unreadable).ConvertAll(id => "m" + id).Chunk(8))
            await Task.WhenAll(some.Select(id => Fixture.PlantUnreadableAsync(Context.Namespace, id).AsTask()));

        await CreateManyAsync(store, last, Content());
        lines.Clear();

        SameIds(first.Concat(last), await ListAsync(many.AllAsync()));
        if (Context.Offers(StoreCapabilities.Logs))
        {
            var numbers = lines.SelectMany(line => Regex.Matches(line, "\\d+").Select(match => long.Parse(match.Value, CultureInfo.InvariantCulture))).ToList();
            Expect.True(numbers.Contains(Unreadable) || numbers.Sum() == Unreadable, $"the log says that {Unreadable} records were skipped, in one line or in several, not {(lines.IsEmpty ? "nothing" : string.Join(" | ", lines.Take(5)))}");
        }

        var ids = (await ListAsync(many.AllAsync(withPayloads: false))).ConvertAll(record => record.Id);
        Expect.Equal(0, first.Concat(last).Except(ids).Count(), "the number of sessions missing in a listing without payloads");
    });

    [Clause("L13", "L9", Needs = StoreCapabilities.Enumeration)]
    public Task A_listing_continues_when_what_it_has_listed_has_ended() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var ids = NewIds(1050);
        await CreateManyAsync(store, ids, Content());
        var (listed, ended) = (new List<string>(), 0);
        await foreach (var record in many.AllAsync())
        {
            listed.Add(record.Id);
            if (listed.Count % 50 == 0)
            {
                await Parallel.ForEachAsync(listed.Skip(ended).ToList(), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (id, token) => await store.DestroyAsync(id, token));
                ended = listed.Count;
            }
        }

        Same(ids, listed);
    });

    [Clause("L13", "L16", Needs = StoreCapabilities.Enumeration)]
    public Task Sessions_whose_ids_look_alike_are_listed_once_each() => RunAsync<ISessionEnumeration>(async (store, many) =>
    {
        var ids = AlikeIds();
        await CreateManyAsync(store, ids, Content());

        SameIds(ids, await ListAsync(many.AllAsync()));
        Expect.Equal((long)ids.Count, await many.LengthAsync(), "the length");
    });

    /// <summary>Some 300 ids in groups of seven that differ by blanks or case only: the end of a batch is in the middle of a group.</summary>
    private List<string> AlikeIds()
    {
        string[] blanks = ["", " ", "  ", "   ", "    ", "     ", "      "];
        string[] cases = ["abc", "Abc", "aBc", "abC", "ABc", "AbC", "aBC"];
        return [.. NewIds(22).SelectMany(id => blanks.Select(end => "b" + id.ToLowerInvariant() + end).Concat(cases.Select(end => "c" + id.ToLowerInvariant() + end)))];
    }
}
