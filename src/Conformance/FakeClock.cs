namespace SessionStores.Conformance;

/// <summary>A clock that stands still until it is moved, and that drives timers, delays and time-outs made from it.</summary>
/// <remarks>Thread-safe. Timers are called on the thread that moves the clock, in the order in which they are due; while one is called
/// the clock shows the instant at which it was due.</remarks>
internal sealed class FakeClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<FakeTimer> _timers = [];
    private readonly DateTimeOffset _start;
    private DateTimeOffset _now;
    private long _order;

    /// <summary>Creates a clock that shows <paramref name="start"/>, or 2030-01-02T03:04:05Z.</summary>
    public FakeClock(DateTimeOffset? start = null) =>
        _start = _now = start?.ToUniversalTime() ?? new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers wait to be called.</summary>
    public int WaitingTimers
    {
        get
        {
            lock (_lock)
                return _timers.Count;
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => (GetUtcNow() - _start).Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock forward and calls the timers that become due.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="duration"/> is negative.</exception>
    public void Advance(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        AdvanceTo(GetUtcNow() + duration);
    }

    /// <summary>Moves the clock forward to an instant and calls the timers that become due. An instant that has passed changes nothing.</summary>
    public void AdvanceTo(DateTimeOffset instant)
    {
        while (NextDue(instant) is { } timer)
            timer.Call();
    }

    /// <summary>Takes the first timer that is due by then and sets the clock to its instant; without one sets the clock to then.</summary>
    private FakeTimer? NextDue(DateTimeOffset then)
    {
        lock (_lock)
        {
            FakeTimer? next = null;
            foreach (var timer in _timers)
            {
                if (timer.DueAt <= then && (next is null || timer.DueAt < next.DueAt || (timer.DueAt == next.DueAt && timer.Order < next.Order)))
                    next = timer;
            }

            var shown = next?.DueAt ?? then;
            if (shown > _now)
                _now = shown;

            if (next is null)
                return null;

            if (next.Period > TimeSpan.Zero)
                next.DueAt += next.Period;
            else
                _timers.Remove(next);

            return next;
        }
    }

    private sealed class FakeTimer(FakeClock clock, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        public DateTimeOffset DueAt { get; set; }

        public TimeSpan Period { get; private set; }

        public long Order { get; private set; }

        public void Call() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, Timeout.InfiniteTimeSpan);
            ArgumentOutOfRangeException.ThrowIfLessThan(period, Timeout.InfiniteTimeSpan);
            bool isDue;
            lock (clock._lock)
            {
                if (_disposed)
                    return false;

                clock._timers.Remove(this);
                Period = period;
                Order = clock._order++;
                isDue = dueTime == TimeSpan.Zero;
                if (dueTime != Timeout.InfiniteTimeSpan && (!isDue || period > TimeSpan.Zero))
                {
                    DueAt = clock._now + (isDue ? period : dueTime);
                    clock._timers.Add(this);
                }
            }

            // A timer that is due at once does not wait for the clock to be moved; it is called on another thread, as a real one is.
            if (isDue)
                ThreadPool.QueueUserWorkItem(static timer => ((FakeTimer)timer!).Call(), this);

            return true;
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                _disposed = true;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
