namespace SessionStores.Benchmarks.Targets;

/// <summary>A clock that moves when it is told to and, apart from that, calls the timers made from it when it is told to.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private readonly List<Action> _timers = [];
    private DateTimeOffset _now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan duration) => _now += duration;

    public void CallTimers() => _timers.ForEach(call => call());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _timers.Add(() => callback(state));
        return new Handle();
    }

    private sealed class Handle : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
