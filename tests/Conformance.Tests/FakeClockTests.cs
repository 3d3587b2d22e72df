namespace SessionStores.Conformance.Tests;

public sealed class FakeClockTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void A_clock_stands_still_until_it_is_moved()
    {
        var before = _clock.GetUtcNow();

        Assert.Equal(before, _clock.GetUtcNow());
        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(before.AddSeconds(3), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(3), _clock.GetElapsedTime(0));
    }

    [Fact]
    public void A_clock_does_not_go_back()
    {
        var before = _clock.GetUtcNow();

        _clock.AdvanceTo(before.AddDays(-1));

        Assert.Equal(before, _clock.GetUtcNow());
        Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Advance(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public void Timers_are_called_in_the_order_in_which_they_are_due_at_their_own_instant()
    {
        var start = _clock.GetUtcNow();
        var calls = new List<(string, double)>();
        using var late = Timer("late", 5, calls);
        using var early = Timer("early", 2, calls);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(calls);
        _clock.Advance(TimeSpan.FromSeconds(9));

        Assert.Equal([("early", 2), ("late", 5)], calls);
        Assert.Equal(start.AddSeconds(10), _clock.GetUtcNow());
        Assert.Equal(0, _clock.WaitingTimers);

        ITimer Timer(string name, int seconds, List<(string, double)> list) => _clock.CreateTimer(
            _ => list.Add((name, (_clock.GetUtcNow() - start).TotalSeconds)), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public void A_periodic_timer_is_called_once_for_each_period()
    {
        var calls = 0;
        using var timer = _clock.CreateTimer(_ => calls++, null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));

        _clock.Advance(TimeSpan.FromSeconds(12));

        Assert.Equal(4, calls);
    }

    [Fact]
    public void A_timer_that_was_changed_or_disposed_keeps_to_that()
    {
        var calls = 0;
        var timer = _clock.CreateTimer(_ => calls++, null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        Assert.True(timer.Change(TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan));
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, calls);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, calls);

        timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        timer.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(9));

        Assert.Equal(1, calls);
        Assert.False(timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public async Task A_timer_that_is_due_at_once_is_called_without_the_clock_being_moved()
    {
        var called = new TaskCompletionSource();
        await using var timer = _clock.CreateTimer(_ => called.SetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);

        await called.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Delays_and_time_outs_follow_the_clock()
    {
        var delay = Task.Delay(TimeSpan.FromMinutes(1), _clock, TestContext.Current.CancellationToken);
        using var source = new CancellationTokenSource(TimeSpan.FromMinutes(2), _clock);

        _clock.Advance(TimeSpan.FromMinutes(1));
        await delay.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.False(source.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.True(source.IsCancellationRequested);
    }

    [Fact]
    public async Task Many_threads_can_move_one_clock()
    {
        var start = _clock.GetUtcNow();
        var calls = 0;
        await using var timer = _clock.CreateTimer(_ => Interlocked.Increment(ref calls), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 1; i <= 500; i++)
                _clock.AdvanceTo(start.AddSeconds(i));
        })));

        Assert.Equal(start.AddSeconds(500), _clock.GetUtcNow());
        Assert.Equal(500, calls);
    }
}
