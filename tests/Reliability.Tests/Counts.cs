using SessionStores.Conformance.Histories;

namespace SessionStores.Reliability.Tests;

/// <summary>What a workload has counted so far.</summary>
internal sealed class Counts
{
    private long _operations;
    private long _acknowledged;
    private long _written;
    private long _unavailable;

    /// <summary>The calls that were made.</summary>
    public long Operations => Volatile.Read(ref _operations);

    /// <summary>The calls that returned a result.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>The acknowledged calls that changed something.</summary>
    public long Written => Volatile.Read(ref _written);

    public long Failed => Operations - Acknowledged;

    /// <summary>The longest time from a call that failed until a read and a write of the same client got through again.</summary>
    public TimeSpan LongestUnavailability => new(Volatile.Read(ref _unavailable));

    /// <summary>Sessions of which an acknowledged change was gone later.</summary>
    public int Lost { get; set; }

    /// <summary>Sessions that were there after an acknowledged log-out.</summary>
    public int Resurrected { get; set; }

    /// <summary>Results that told of no change and did not fit what held: an older state, or one that was never acknowledged and is gone.</summary>
    public int Stale { get; set; }

    public void Called(HistoryOperation? done)
    {
        if (done?.Result is not null)
        {
            Interlocked.Increment(ref _acknowledged);
            if (HistoryChecker.Changes(done))
                Interlocked.Increment(ref _written);
        }

        Interlocked.Increment(ref _operations);
    }

    public void WasUnavailable(TimeSpan time)
    {
        for (var longest = _unavailable; time.Ticks > longest; longest = _unavailable)
            Interlocked.CompareExchange(ref _unavailable, time.Ticks, longest);
    }
}
