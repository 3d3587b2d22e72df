using Microsoft.Extensions.Time.Testing;

namespace SessionStores.Shared.Tests;

public sealed class RoundTripsTests : IDisposable
{
    private const string ByItself = "by itself";

    private readonly FakeTimeProvider _clock = new();
    private readonly FakeTimeProvider _clockOfCalls = new();
    private readonly TestHost _host;
    private readonly Server _server = new();
    private readonly RoundTrips<string, string> _trips;

    public RoundTripsTests()
    {
        _host = new TestHost(TimeSpan.FromMinutes(1), _clockOfCalls);
        _trips = Create(_server.SendAsync, static call => call.Split('.')[0]);
    }

    public void Dispose() => _trips.Dispose();

    [Fact]
    public async Task A_call_that_finds_a_lane_free_leaves_at_once_by_itself()
    {
        Assert.Equal(ByItself, await CallAsync("a"));
        Assert.Equal(ByItself, await CallAsync("b"));
        Assert.Empty(_server.Trips);
    }

    [Fact]
    public async Task Calls_that_find_no_lane_free_leave_together_when_one_becomes_free()
    {
        var first = Hold();
        var others = new[] { CallAsync("b"), CallAsync("c") };
        Assert.Empty(_server.Trips);

        first.SetResult();

        Assert.Equal(["b!", "c!"], await Task.WhenAll(others));
        Assert.Equal(["b c"], _server.Trips);
    }

    [Fact]
    public async Task A_round_trip_has_so_many_calls_and_no_more_and_the_next_one_has_the_rest()
    {
        var first = Hold();
        var others = "bcdef".Select(id => CallAsync($"{id}")).ToList();

        first.SetResult();

        Assert.Equal(["b!", "c!", "d!", "e!", "f!"], await Task.WhenAll(others));
        Assert.Equal(["b c d", "e f"], _server.Trips);
    }

    [Fact]
    public async Task Two_calls_of_one_key_leave_one_after_the_other_and_in_order()
    {
        var first = Hold();
        var others = new[] { "a.1", "a.2", "b.1", "a.3" }.Select(call => CallAsync(call)).ToList();

        first.SetResult();

        await Task.WhenAll(others);
        Assert.Equal(["a.1 b.1", "a.2", "a.3"], _server.Trips);
    }

    [Fact]
    public async Task A_caller_that_cancels_takes_only_its_own_call_along()
    {
        using var caller = new CancellationTokenSource();
        var first = Hold();
        var (leaving, staying) = (CallAsync("b", _trips, caller.Token), CallAsync("c"));
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);

        first.SetResult();

        Assert.Equal("c!", await staying);
        Assert.Equal(["c"], _server.Trips);
    }

    [Fact]
    public async Task A_caller_that_cancels_while_its_call_is_under_way_ends_no_other()
    {
        using var caller = new CancellationTokenSource();
        _server.Gate = new TaskCompletionSource();
        var first = Hold();
        var (leaving, staying) = (CallAsync("b", _trips, caller.Token), CallAsync("c"));
        first.SetResult();
        await _server.Departed.Task;

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.False(staying.IsCompleted);
        _server.Gate.SetResult();

        Assert.Equal("c!", await staying);
        Assert.Equal(["b c"], _server.Trips);
    }

    [Fact]
    public async Task A_call_whose_time_is_over_is_not_sent_later()
    {
        var first = Hold();
        var late = CallAsync("b");
        _clockOfCalls.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<CallFailedException>(() => late)).InnerException);
        var next = CallAsync("c");

        first.SetResult();

        Assert.Equal("c!", await next);
        Assert.Equal(["c"], _server.Trips);
    }

    [Fact]
    public async Task A_call_without_a_reply_is_sent_by_itself_and_the_others_are_not()
    {
        var first = Hold();
        var (odd, sound) = (CallAsync("odd"), CallAsync("b"));

        first.SetResult();

        Assert.Equal(ByItself, await odd);
        Assert.Equal("b!", await sound);
    }

    [Fact]
    public async Task When_a_round_trip_fails_each_caller_gets_an_exception_of_its_own()
    {
        _server.Failure = new IOException();
        var first = Hold();
        var others = new[] { CallAsync("b"), CallAsync("c") };

        first.SetResult();

        var thrown = new List<CallFailedException>();
        foreach (var other in others)
            thrown.Add(await Assert.ThrowsAsync<CallFailedException>(() => other));

        Assert.NotSame(thrown[0], thrown[1]);
        Assert.All(thrown, exception => Assert.Same(_server.Failure, exception.InnerException));
    }

    [Fact]
    public async Task When_a_round_trip_fails_so_that_its_calls_may_be_repeated_they_are_sent_by_themselves()
    {
        _server.Failure = new InvalidDataException();
        var first = Hold();
        var others = new[] { CallAsync("b"), CallAsync("c") };

        first.SetResult();

        Assert.Equal([ByItself, ByItself], await Task.WhenAll(others));
        Assert.Same(_server.Failure, Assert.Single(_host.TakenApart));
    }

    [Fact]
    public async Task When_a_round_trip_fails_before_its_calls_are_sent_they_are_sent_by_themselves_and_not_again_later()
    {
        RoundTrips<string, string>.Trip? abandoned = null;
        using var trips = Create((trip, _) =>
        {
            abandoned = trip;
            throw new IOException();
        });
        var first = Hold(trips);
        var other = CallAsync("b", trips);

        first.SetResult();

        Assert.Equal(ByItself, await other);
        Assert.Empty(abandoned!.Depart());
    }

    [Fact]
    public async Task A_call_that_does_not_fit_is_sent_by_itself()
    {
        using var trips = Create((trip, _) => _server.SendAsync(trip, call => call != "b"));
        var first = Hold(trips);
        var (unfit, fit) = (CallAsync("b", trips), CallAsync("c", trips));

        first.SetResult();

        Assert.Equal(ByItself, await unfit);
        Assert.Equal("c!", await fit);
    }

    [Fact]
    public async Task Calls_that_wait_when_the_store_is_disposed_are_told_so()
    {
        var first = Hold();
        var other = CallAsync("b");

        _host.Dispose();
        _trips.Dispose();

        Assert.Equal(typeof(TestHost).FullName, (await Assert.ThrowsAsync<ObjectDisposedException>(() => other)).ObjectName);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => CallAsync("c"));
        first.SetResult();
        Assert.Empty(_server.Trips);
    }

    [Fact]
    public async Task A_round_trip_that_the_server_holds_up_does_not_hold_up_what_comes_after_it()
    {
        Hold();
        var other = CallAsync("b");
        Assert.Empty(_server.Trips);

        _clock.Advance(RoundTrips<string, string>.Patience);

        Assert.Equal("b!", await other);
    }

    [Fact]
    public async Task However_many_round_trips_the_server_holds_up_the_next_call_leaves()
    {
        List<TaskCompletionSource> held = [];
        for (var i = 0; i < 100; i++)
        {
            held.Add(Hold());
            _clock.Advance(RoundTrips<string, string>.Patience);
        }

        Assert.Equal(ByItself, await CallAsync("a"));
        held.ForEach(call => call.SetResult());
        Assert.Equal(ByItself, await CallAsync("b"));
    }

    [Fact]
    public void A_round_trip_that_was_held_up_frees_no_lane_of_another_when_it_ends()
    {
        var late = Hold();
        _clock.Advance(RoundTrips<string, string>.Patience);
        Hold();

        late.SetResult();

        var other = CallAsync("b");
        Assert.False(other.IsCompleted);
        Assert.Empty(_server.Trips);
    }

    [Fact]
    public async Task A_shared_round_trip_has_the_context_of_none_of_its_callers()
    {
        var context = new AsyncLocal<string?> { Value = "of the caller" };
        string? seen = "none";
        using var trips = Create((trip, call) =>
        {
            seen = context.Value;
            return _server.SendAsync(trip, call);
        });
        var first = Hold(trips);
        var other = CallAsync("b", trips);

        first.SetResult();

        await other;
        Assert.Null(seen);
    }

    [Fact]
    public async Task Where_every_call_has_to_share_none_leaves_by_itself()
    {
        using var trips = new RoundTrips<string, string>(_host, _server.SendAsync, static _ => false, null, 1, 3, _clock) { SharesAlways = true };

        Assert.Equal("a!", await CallAsync("a", trips));
    }

    private RoundTrips<string, string> Create(Func<RoundTrips<string, string>.Trip, Deadline.Call, Task<IReadOnlyList<Reply<string>>>> send, Func<string, string>? keyOf = null) =>
        new(_host, send, static exception => exception is InvalidDataException, keyOf, lanes: 1, maxCalls: 3, _clock);

    private Task<string> CallAsync(string call) => CallAsync(call, _trips, CancellationToken.None);

    private static Task<string> CallAsync(string call, RoundTrips<string, string> trips, CancellationToken cancellationToken = default) =>
        trips.RunAsync("Get", call, call, static (_, reply, _, _) => new ValueTask<string>(reply.IsKnown ? reply.Value : ByItself), cancellationToken).AsTask();

    /// <summary>Starts a call that keeps the only lane until it is told to end.</summary>
    private TaskCompletionSource Hold(RoundTrips<string, string>? trips = null)
    {
        var end = new TaskCompletionSource();
        _ = (trips ?? _trips).RunAsync("Get", "held", end.Task, static async (end, reply, _, _) =>
        {
            Assert.False(reply.IsKnown);
            await end;
            return true;
        }, CancellationToken.None).AsTask();
        return end;
    }

    /// <summary>Replies to each call with its text and a mark; not to those that begin with "odd".</summary>
    private sealed class Server
    {
        private readonly List<string> _trips = [];

        public Exception? Failure { get; set; }

        /// <summary>What a round trip waits for after it was sent.</summary>
        public TaskCompletionSource? Gate { get; set; }

        /// <summary>Done once a round trip was sent.</summary>
        public TaskCompletionSource Departed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<string> Trips
        {
            get
            {
                lock (_trips)
                    return [.. _trips];
            }
        }

        public Task<IReadOnlyList<Reply<string>>> SendAsync(RoundTrips<string, string>.Trip trip, Deadline.Call call) => SendAsync(trip, fits: null);

        public async Task<IReadOnlyList<Reply<string>>> SendAsync(RoundTrips<string, string>.Trip trip, Func<string, bool>? fits)
        {
            await Task.Yield();
            var calls = trip.Depart(fits);
            if (calls.Count > 0)
            {
                lock (_trips)
                    _trips.Add(string.Join(' ', calls));
            }

            Departed.TrySetResult();
            if (Gate is not null)
                await Gate.Task;

            if (Failure is not null)
                throw Failure;

            return [.. calls.Select(call => call.StartsWith("odd", StringComparison.Ordinal) ? default : new Reply<string>(true, call + "!"))];
        }
    }
}
