using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using SessionStores.Memory;
using static SessionStores.Benchmarks.Targets.Statistics;

namespace SessionStores.Benchmarks.Targets;

/// <summary>How long a sweep of MemoryStore holds up a reader. What the store does not do is kept out: no collection falls into the window, the
/// reader allocates nothing, the code is compiled, and the same reader is measured as long with a thread that spins instead of sweeping.</summary>
internal static class SweepPause
{
    private const int Expired = 100_000;
    private const int Live = 1_000;
    private const int PayloadBytes = 200;
    private const double MaxMilliseconds = 2;

    /// <summary>More than is allocated while it is measured.</summary>
    private const long NoCollectionBytes = 64L << 20;

    public static async Task<IReadOnlyList<Target>> MeasureAsync()
    {
        var payload = Payloads.Of(PayloadBytes);
        await Compiler.WarmAsync("memory, sweep", async () =>
        {
            for (var run = 0; run < 3; run++)
                await RunAsync(payload);
        });
        List<double> sweeping = [], spinning = [];
        for (var run = 0; run < 45; run++)
        {
            var (sweep, spin) = await RunAsync(payload);
            sweeping.Add(sweep);
            spinning.Add(spin);
        }

        var pause = Median(sweeping);
        return
        [
            Target.Counted(
                "memory, sweep of 100,000 expired: longest pause of a parallel reader", "≤ 2 ms",
                string.Create(CultureInfo.InvariantCulture, $"{pause:F2} ms, quartiles {Quantile(sweeping, 0.25):F2} and {Quantile(sweeping, 0.75):F2} (as long without a sweep: {Quantile(spinning, 0.5):F2} ms, quartiles {Quantile(spinning, 0.25):F2} and {Quantile(spinning, 0.75):F2})"),
                pause <= MaxMilliseconds),
        ];
    }

    private static async Task<(double Sweeping, double Spinning)> RunAsync(byte[] payload)
    {
        var clock = new SteppedClock();
        using var store = new MemoryStore(new MemoryStoreOptions { MaxSessions = 10_000_000, MaxBytes = 8L << 30 }, clock);
        var now = clock.GetUtcNow();
        for (var i = 0; i < Expired; i++)
            await store.CreateAsync(ManySessions.Id(i), new SessionContent(payload, now.AddMinutes(1)));

        for (var i = Expired; i < Expired + Live; i++)
            await store.CreateAsync(ManySessions.Id(i), new SessionContent(payload, now.AddHours(1)));

        clock.Advance(TimeSpan.FromMinutes(2));
        var ids = Enumerable.Range(Expired, Live).Select(ManySessions.Id).ToArray();
        GC.Collect();
        if (!GC.TryStartNoGCRegion(NoCollectionBytes))
            throw new InvalidOperationException("There is no memory to do without a collection.");

        var started = Stopwatch.GetTimestamp();
        var sweeping = LongestRead(store, ids, () => _ = store.PruneAsync());
        var took = Stopwatch.GetTimestamp() - started;
        var spinning = LongestRead(store, ids, () =>
        {
            var until = Stopwatch.GetTimestamp() + took;
            while (Stopwatch.GetTimestamp() < until)
                Thread.SpinWait(10);
        });
        if (GCSettings.LatencyMode != GCLatencyMode.NoGCRegion)
            throw new InvalidOperationException("A collection fell into the measurement.");

        GC.EndNoGCRegion();
        if (await store.LengthAsync() != Live)
            throw new InvalidOperationException("The sweep did not remove what had expired.");

        return (sweeping, spinning);
    }

    /// <summary>The longest of the reads that end while something else happens, in milliseconds. A touch with an expiry of the past finds the
    /// session under the same lock as a read, and makes no record of it.</summary>
    private static double LongestRead(MemoryStore store, string[] ids, Action meanwhile)
    {
        var longest = 0L;
        using var isReading = new ManualResetEventSlim();
        var isOver = false;
        var reader = new Thread(() =>
        {
            for (var i = 0; !Volatile.Read(ref isOver); i = (i + 1) % Live)
            {
                var started = Stopwatch.GetTimestamp();
                _ = store.TouchAsync(ids[i], DateTimeOffset.UnixEpoch);
                var took = Stopwatch.GetTimestamp() - started;
                if (isReading.IsSet)
                    longest = Math.Max(longest, took);
                else if (i == Live - 1)
                    isReading.Set();
            }
        });
        reader.Start();
        isReading.Wait();
        meanwhile();
        Volatile.Write(ref isOver, true);
        reader.Join();
        return longest * 1000.0 / Stopwatch.Frequency;
    }
}
