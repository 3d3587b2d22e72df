using System.Diagnostics;
using System.Globalization;
using SessionStores.Benchmarks.Subjects;
using static SessionStores.Benchmarks.Targets.Statistics;

namespace SessionStores.Benchmarks.Targets;

/// <summary>Get against the raw call: both in turns, batch by batch, on one connection, once all code is compiled; medians.</summary>
internal static class StoreGet
{
    private const int PayloadBytes = 200;
    private const double MaxRatio = 1.10;
    private const double MaxBytes = 300;

    public static async Task<IReadOnlyList<Target>> MeasureAsync(bool isQuick)
    {
        List<Target> targets = [];
        foreach (var name in Subject.Names.Where(name => name != "memory"))
        {
            await using var subject = await Subject.StartAsync(name, PayloadBytes);
            if (subject is not null)
                targets.AddRange(await MeasureAsync(name, subject, isQuick));
        }

        return targets;
    }

    private static async Task<IEnumerable<Target>> MeasureAsync(string name, Subject subject, bool isQuick)
    {
        var batch = isQuick ? 250 : 1000;
        var rounds = isQuick ? 20 : 40;
        List<double> ratios = [], rawBytes = [], storeBytes = [], rawTimes = [], storeTimes = [];
        await Compiler.WarmAsync($"{name}, Get", async () =>
        {
            await RawAsync(subject, 1000)();
            await StoreAsync(subject, 1000)();
        });
        for (var round = 0; round < rounds; round++)
        {
            var raw = await TimeAsync(batch, RawAsync(subject, batch));
            var store = await TimeAsync(batch, StoreAsync(subject, batch));
            ratios.Add(store.Microseconds / raw.Microseconds);
            rawTimes.Add(raw.Microseconds);
            storeTimes.Add(store.Microseconds);
            rawBytes.Add(raw.Bytes);
            storeBytes.Add(store.Bytes);
        }

        var beyond = Median(storeBytes) - Median(rawBytes) - PayloadBytes;
        return
        [
            Target.AtMost($"{name}: Get against the raw call, time", MaxRatio, Interval.Of(ratios), Text($"raw {Median(rawTimes):F1} µs, store {Median(storeTimes):F1} µs")),
            Target.Counted(
                $"{name}: Get against the raw call, bytes allocated beyond it and the payload", "≤ 300 B",
                Text($"{beyond:F0} B (raw {Median(rawBytes):F0} B, store {Median(storeBytes):F0} B)"), beyond <= MaxBytes),
        ];
    }

    private static Func<Task> RawAsync(Subject subject, int count) => async () =>
    {
        for (var i = 0; i < count; i++)
            await subject.RawGetAsync();
    };

    private static Func<Task> StoreAsync(Subject subject, int count) => async () =>
    {
        for (var i = 0; i < count; i++)
            await subject.Store.GetAsync(subject.Id);
    };

    private static async Task<(double Microseconds, double Bytes)> TimeAsync(int count, Func<Task> calls)
    {
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var started = Stopwatch.GetTimestamp();
        await calls();
        var took = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        return (took / count, (GC.GetTotalAllocatedBytes(precise: true) - bytes) / (double)count);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
