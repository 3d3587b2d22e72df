using Microsoft.Extensions.Time.Testing;

namespace SessionStores.Shared.Tests;

public sealed class DeadlineTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private readonly FakeTimeProvider _clock = new();
    private readonly List<Exception> _failures = [];
    private readonly Deadline _deadline;

    public DeadlineTests() => _deadline = new Deadline(Limit, _failures.Add, _clock);

    [Fact]
    public async Task Work_that_ends_in_time_returns_its_result() =>
        Assert.Equal(42, await RunAsync(static _ => Task.FromResult(42)));

    [Fact]
    public async Task Work_that_fails_throws_its_own_exception() =>
        await Assert.ThrowsAsync<IOException>(() => RunAsync(static _ => Task.FromException<int>(new IOException())));

    [Fact]
    public async Task The_caller_stops_waiting_when_the_time_is_over_and_the_work_is_cancelled()
    {
        var cancelled = new TaskCompletionSource();
        var silent = new TaskCompletionSource<int>();
        var waiting = RunAsync(call =>
        {
            call.Token.Register(cancelled.SetResult);
            return silent.Task;
        });

        _clock.Advance(Limit);

        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        await cancelled.Task;
    }

    [Fact]
    public async Task The_time_before_the_work_counts()
    {
        var silent = new TaskCompletionSource<int>();
        var started = _deadline.Start();
        _clock.Advance(Limit - TimeSpan.FromSeconds(1));
        var waiting = _deadline.RunAsync(silent.Task, static (task, _) => task, started, CancellationToken.None).AsTask();

        _clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        Assert.Equal(TimeSpan.Zero, _deadline.Remaining(started));
    }

    [Fact]
    public async Task A_caller_that_cancels_stops_waiting_and_the_work_is_cancelled()
    {
        using var caller = new CancellationTokenSource();
        var cancelled = new TaskCompletionSource();
        var waiting = RunAsync(
            call =>
            {
                call.Token.Register(cancelled.SetResult);
                return new TaskCompletionSource<int>().Task;
            },
            caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await cancelled.Task;
    }

    [Fact]
    public async Task A_cancelled_token_starts_nothing()
    {
        var isStarted = false;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(
            _ =>
            {
                isStarted = true;
                return Task.FromResult(0);
            },
            new CancellationToken(canceled: true)));

        Assert.False(isStarted);
    }

    [Fact]
    public async Task A_cancellation_that_blocks_holds_up_neither_the_caller_nor_other_calls()
    {
        using var release = new ManualResetEventSlim();
        var blocked = RunAsync(call =>
        {
            call.Token.Register(release.Wait);
            return new TaskCompletionSource<int>().Task;
        });
        _clock.Advance(Limit);

        await Assert.ThrowsAsync<TimeoutException>(() => blocked);
        Assert.Equal(1, await RunAsync(static _ => Task.FromResult(1)));
        release.Set();
    }

    [Fact]
    public async Task No_further_step_is_started_for_a_caller_that_has_gone()
    {
        Deadline.Call? kept = null;
        var waiting = RunAsync(call =>
        {
            kept = call;
            return new TaskCompletionSource<int>().Task;
        });
        kept!.ThrowIfAbandoned();

        _clock.Advance(Limit);
        await Assert.ThrowsAsync<TimeoutException>(() => waiting);

        Assert.Throws<OperationCanceledException>(kept.ThrowIfAbandoned);
    }

    [Fact]
    public async Task A_call_is_used_again_only_after_success()
    {
        List<Deadline.Call> calls = [];
        await RunAsync(Note);
        await RunAsync(Note);
        await Assert.ThrowsAsync<IOException>(() => RunAsync(call => NoteAndFail(call)));
        await RunAsync(Note);

        Assert.Same(calls[0], calls[1]);
        Assert.Same(calls[1], calls[2]);
        Assert.NotSame(calls[2], calls[3]);

        Task<int> Note(Deadline.Call call)
        {
            calls.Add(call);
            return Task.FromResult(0);
        }

        Task<int> NoteAndFail(Deadline.Call call)
        {
            calls.Add(call);
            return Task.FromException<int>(new IOException());
        }
    }

    [Fact]
    public async Task A_cancellation_that_fails_is_reported()
    {
        var reported = new TaskCompletionSource<Exception>();
        var deadline = new Deadline(Limit, reported.SetResult, _clock);
        var waiting = deadline.RunAsync(0, static (_, call) =>
        {
            call.Token.Register(static () => throw new IOException());
            return new TaskCompletionSource<int>().Task;
        }, deadline.Start(), CancellationToken.None).AsTask();

        _clock.Advance(Limit);

        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        Assert.IsType<AggregateException>(await reported.Task);
    }

    [Fact]
    public async Task Work_without_a_token_is_waited_for_until_the_time_is_over()
    {
        var started = _deadline.Start();
        var silent = new TaskCompletionSource<int>();
        var waiting = _deadline.WaitAsync(silent.Task, started, CancellationToken.None);

        _clock.Advance(Limit);

        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        Assert.Equal(7, await _deadline.WaitAsync(Task.FromResult(7), started, CancellationToken.None));
    }

    private Task<int> RunAsync(Func<Deadline.Call, Task<int>> start, CancellationToken cancellationToken = default) =>
        _deadline.RunAsync(start, static (work, call) => work(call), _deadline.Start(), cancellationToken).AsTask();
}
