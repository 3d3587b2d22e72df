using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using SessionStores.Memory;
using static SessionStores.Benchmarks.Targets.Statistics;

namespace SessionStores.Benchmarks.Targets;

/// <summary>MemoryStore with a million sessions: what they take, and what a read costs.</summary>
internal static class ManySessions
{
    private const int Many = 1_000_000;
    private const int Few = 1_000;
    private const int PayloadBytes = 200;
    private const int IdLength = 32;

    public static async Task<IReadOnlyList<Target>> MeasureAsync(bool isQuick)
    {
        var reads = isQuick ? 200_000 : 400_000;
        var payload = Payloads.Of(PayloadBytes);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var many = await FillAsync(Many, payload, null);
        var overhead = ((GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Many) - PayloadBytes - (2 * IdLength);
        using var few = await FillAsync(Few, payload, null);

        // The ids are made anew, so that a read does not find the store's own string in the cache of the processor.
        var random = await GetAsync(many, few, Ids(Many, Many, reads), Ids(Few, Few, reads));
        var equal = await GetAsync(many, few, Ids(Many, Few, reads), Ids(Few, Few, reads));
        var dictionary = await DictionaryAsync(reads, payload);
        return
        [
            Target.Counted("memory, 1,000,000 sessions of 200 bytes: overhead per session beyond payload and id", "≤ 200 B", Text($"{overhead:F0} B"), overhead <= 200),
            Target.AtMost(
                "memory, Get at 1,000,000 sessions against 1,000, the same number of them in use", 1.5, equal.Ratio, Text($"{equal.Many:F0} ns against {equal.Few:F0} ns")),
            Target.AtMost(
                "memory, Get at 1,000,000 sessions against 1,000, all of them in use", 1.5, random.Ratio,
                Text($"{random.Many:F0} ns against {random.Few:F0} ns; a ConcurrentDictionary of the same keys {dictionary.Ratio} ({dictionary.Many:F0} ns against {dictionary.Few:F0} ns)")),
        ];
    }

    public static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"{number:x8}Zt3mF0yV9rQ1bW7cK5xN8aL2");

    private static string[] Ids(int sessions, int inUse, int count)
    {
        var random = new Random(42);
        return [.. Enumerable.Range(0, count).Select(_ => Id(random.Next(inUse) * (sessions / inUse)))];
    }

    private static async Task<MemoryStore> FillAsync(int count, byte[] payload, TimeProvider? clock)
    {
        var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 10_000_000, MaxBytes = 8L << 30 }, clock);
        var content = new SessionContent(payload, TimeSpan.FromHours(1));
        for (var i = 0; i < count; i++)
            await store.CreateAsync(Id(i), content);

        return store;
    }

    private static Task<(double Many, double Few, Interval Ratio)> GetAsync(MemoryStore many, MemoryStore few, string[] manyIds, string[] fewIds) => CompareAsync(
        "memory, Get",
        () => Run(manyIds, id => many.GetAsync(id).IsCompletedSuccessfully),
        () => Run(fewIds, id => few.GetAsync(id).IsCompletedSuccessfully));

    private static Task<(double Many, double Few, Interval Ratio)> DictionaryAsync(int reads, byte[] payload)
    {
        var many = new ConcurrentDictionary<string, byte[]>(Enumerable.Range(0, Many).Select(i => KeyValuePair.Create(Id(i), payload.ToArray())), StringComparer.Ordinal);
        var few = new ConcurrentDictionary<string, byte[]>(Enumerable.Range(0, Few).Select(i => KeyValuePair.Create(Id(i), payload.ToArray())), StringComparer.Ordinal);
        var manyIds = Ids(Many, Many, reads);
        var fewIds = Ids(Few, Few, reads);
        return CompareAsync("dictionary", () => Run(manyIds, id => many.TryGetValue(id, out _)), () => Run(fewIds, id => few.TryGetValue(id, out _)));
    }

    /// <summary>Both in turns; nanoseconds per read, medians.</summary>
    private static async Task<(double Many, double Few, Interval Ratio)> CompareAsync(string what, Func<double> many, Func<double> few)
    {
        await Compiler.WarmAsync(what, () => Task.FromResult(many() + few()));
        List<double> manyTimes = [], fewTimes = [], ratios = [];
        for (var round = 0; round < 9; round++)
        {
            var (atMany, atFew) = (many(), few());
            manyTimes.Add(atMany);
            fewTimes.Add(atFew);
            ratios.Add(atMany / atFew);
        }

        return (Median(manyTimes), Median(fewTimes), Interval.Of(ratios));
    }

    private static double Run(string[] ids, Func<string, bool> read)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var id in ids)
        {
            if (!read(id))
                throw new InvalidOperationException("A session is gone.");
        }

        return Stopwatch.GetElapsedTime(started).TotalNanoseconds / ids.Length;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
