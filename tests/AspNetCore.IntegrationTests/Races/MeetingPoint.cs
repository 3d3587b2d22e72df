using System.Diagnostics;

namespace SessionStores.AspNetCore.IntegrationTests.Races;

/// <summary>Lets two contenders meet again and again, so that each is first in about half of the rounds: whoever was first starts later in the next
/// round, by a step that grows while the same one stays first and shrinks when the order changes. A random part, which the seed determines, keeps the
/// steps from settling.</summary>
internal sealed class MeetingPoint(int seed)
{
    private static readonly long SmallestStep = Stopwatch.Frequency / 100_000;
    private static readonly long LargestStep = Stopwatch.Frequency / 100;

    private readonly Random _random = new(seed);
    private long _lead;
    private long _step = Stopwatch.Frequency / 5_000;
    private bool? _wasFirst;

    /// <summary>Starts both behind a barrier, the one <c>lead</c> before the other.</summary>
    public async Task<(TFirst First, TSecond Second)> MeetAsync<TFirst, TSecond>(Func<Task<TFirst>> first, Func<Task<TSecond>> second)
    {
        var lead = _lead + _random.NextInt64(-_step, _step + 1);
        using var start = new Barrier(2);
        var one = Task.Run(() => RunAsync(start, Math.Max(0, -lead), first));
        var two = Task.Run(() => RunAsync(start, Math.Max(0, lead), second));
        return (await one, await two);
    }

    /// <summary>Says who came first, which moves the start of the next round.</summary>
    public void Learn(bool isFirst)
    {
        _step = _wasFirst is not { } before || before == isFirst ? Math.Min(_step * 3 / 2, LargestStep) : Math.Max(_step / 2, SmallestStep);
        _wasFirst = isFirst;
        _lead += isFirst ? -_step : _step;
    }

    private static async Task<T> RunAsync<T>(Barrier start, long delay, Func<Task<T>> run)
    {
        start.SignalAndWait();
        var opened = Stopwatch.GetTimestamp();
        while (Stopwatch.GetTimestamp() - opened < delay)
            Thread.SpinWait(20);

        return await run();
    }
}
