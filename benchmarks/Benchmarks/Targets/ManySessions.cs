using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using SessionStores.Memory;

namespace SessionStores.Benchmarks.Targets;

/// <summary>MemoryStore with a million sessions: what they take, what a read costs, and how long a sweep holds up a reader.</summary>
internal static class ManySessions
{
    private const int Many = 1_000_000;
    private const int Few = 1_000;
    private const int PayloadBytes = 200;
    private const int IdLength = 32;
    private const int Expired = 100_000;

    public static async Task<IReadOnlyList<Target>> MeasureAsync(bool isQuick)
    {
        var reads = isQuick ? 200_000 : 400_000;
        var payload = Payloads.Of(PayloadBytes);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var many = await FillAsync(Many, payload, null);
        var overhead = ((GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Many) - PayloadBytes - (2 * IdLength);
        using var few = await FillAsync(Few, payload, null);

        // The ids are made anew, so that a read does not find the store's own string in the cache of the processor.
        var random = Get(many, few, Ids(Many, Many, reads), Ids(Few, Few, reads));
        var equal = Get(many, few, Ids(Many, Few, reads), Ids(Few, Few, reads));
        var dictionary = Dictionary(reads, payload);
        var (pause, quiet) = await PauseAsync(payload, isQuick ? 5 : 15);
        return
        [
            new Target("memory, 1,000,000 sessions of 200 bytes: overhead per session beyond payload and id", "≤ 200 B", Text($"{overhead:F0} B"), overhead <= 200),
            new Target(
                "memory, Get at 1,000,000 sessions against 1,000, the same number of them in use", "≤ 1.50", Text($"{equal.Ratio:F2} ({equal.Many:F0} ns against {equal.Few:F0} ns)"),
                equal.Ratio <= 1.5),
            new Target(
                "memory, Get at 1,000,000 sessions against 1,000, all of them in use", "≤ 1.50",
                Text($"{random.Ratio:F2} ({random.Many:F0} ns against {random.Few:F0} ns); a ConcurrentDictionary of the same keys {dictionary.Ratio:F2} ({dictionary.Many:F0} ns against {dictionary.Few:F0} ns)"),
                random.Ratio <= 1.5),
            new Target(
                "memory, sweep of 100,000 expired: longest pause of a parallel reader", "≤ 2 ms",
                Text($"{pause:F2} ms (median of the runs; {quiet:F2} ms for the same reader without a sweep)"), pause <= 2),
        ];
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"{number:x8}Zt3mF0yV9rQ1bW7cK5xN8aL2");

    private static string[] Ids(int sessions, int inUse, int count)
    {
        var random = new Random(42);
        return [.. Enumerable.Range(0, count).Select(_ => Id(random.Next(inUse) * (sessions / inUse)))];
    }

    private static async Task<MemoryStore> FillAsync(int count, byte[] payload, TimeProvider? clock)
    {
        var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 10_000_000, MaxBytes = 8L << 30 }, clock);
        var content = new SessionContent(payload, TimeProvider.System.GetUtcNow().AddHours(1));
        for (var i = 0; i < count; i++)
            await store.CreateAsync(Id(i), content);

        return store;
    }

    private static (double Many, double Few, double Ratio) Get(MemoryStore many, MemoryStore few, string[] manyIds, string[] fewIds) => Compare(
        () => Run(manyIds, id => many.GetAsync(id).IsCompletedSuccessfully),
        () => Run(fewIds, id => few.GetAsync(id).IsCompletedSuccessfully));

    private static (double Many, double Few, double Ratio) Dictionary(int reads, byte[] payload)
    {
        var many = new ConcurrentDictionary<string, byte[]>(Enumerable.Range(0, Many).Select(i => KeyValuePair.Create(Id(i), payload.ToArray())), StringComparer.Ordinal);
        var few = new ConcurrentDictionary<string, byte[]>(Enumerable.Range(0, Few).Select(i => KeyValuePair.Create(Id(i), payload.ToArray())), StringComparer.Ordinal);
        var manyIds = Ids(Many, Many, reads);
        var fewIds = Ids(Few, Few, reads);
        return Compare(() => Run(manyIds, id => many.TryGetValue(id, out _)), () => Run(fewIds, id => few.TryGetValue(id, out _)));
    }

    /// <summary>Both in turns; nanoseconds per read, medians.</summary>
    private static (double Many, double Few, double Ratio) Compare(Func<double> many, Func<double> few)
    {
        List<double> manyTimes = [], fewTimes = [], ratios = [];
        for (var round = -2; round < 9; round++)
        {
            var (atMany, atFew) = (many(), few());
            if (round < 0)
                continue;

            manyTimes.Add(atMany);
            fewTimes.Add(atFew);
            ratios.Add(atMany / atFew);
        }

        return (Median(manyTimes), Median(fewTimes), Median(ratios));
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

    /// <summary>The longest read while a sweep removes 100,000 sessions, and the longest in the same time without one; in milliseconds.</summary>
    private static async Task<(double Sweeping, double Quiet)> PauseAsync(byte[] payload, int runs)
    {
        List<double> sweeping = [], quiet = [];
        for (var run = 0; run < runs; run++)
        {
            var clock = new SteppedClock();
            using var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 10_000_000, MaxBytes = 8L << 30 }, clock);
            var now = clock.GetUtcNow();
            for (var i = 0; i < Expired; i++)
                await store.CreateAsync(Id(i), new SessionContent(payload, now.AddMinutes(1)));

            for (var i = Expired; i < Expired + Few; i++)
                await store.CreateAsync(Id(i), new SessionContent(payload, now.AddHours(1)));

            clock.Advance(TimeSpan.FromMinutes(2));
            GC.Collect();
            var took = TimeSpan.Zero;
            sweeping.Add(LongestRead(store, () =>
            {
                var started = Stopwatch.GetTimestamp();
                clock.CallTimers();
                took = Stopwatch.GetElapsedTime(started);
            }));
            quiet.Add(LongestRead(store, () => SpinWait.SpinUntil(() => false, took)));
            if (await store.LengthAsync() != Few)
                throw new InvalidOperationException("The sweep did not remove what had expired.");
        }

        return (Median(sweeping), Median(quiet));
    }

    private static double LongestRead(MemoryStore store, Action meanwhile)
    {
        var ids = Enumerable.Range(Expired, Few).Select(Id).ToArray();
        var longest = 0L;
        using var isReading = new ManualResetEventSlim();
        var isOver = false;
        var reader = new Thread(() =>
        {
            for (var i = 0; !Volatile.Read(ref isOver); i = (i + 1) % Few)
            {
                var started = Stopwatch.GetTimestamp();
                _ = store.GetAsync(ids[i]);
                var took = Stopwatch.GetTimestamp() - started;
                if (!isReading.IsSet)
                {
                    if (i == Few - 1)
                        isReading.Set();
                }
                else if (took > longest)
                {
                    longest = took;
                }
            }
        });
        reader.Start();
        isReading.Wait();
        meanwhile();
        Volatile.Write(ref isOver, true);
        reader.Join();
        return longest * 1000.0 / Stopwatch.Frequency;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
