using Microsoft.Extensions.Time.Testing;

namespace SessionStores.Shared.Tests;

public sealed class RoundTripsTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Deadline _deadline;
    private readonly Server _server = new();
    private readonly RoundTrips<string, string> _trips;

    public RoundTripsTests()
    {
        _deadline = new Deadline(TimeSpan.FromMinutes(1), static _ => { }, _clock);
        _trips = new RoundTrips<string, string>(lanes: 1, maxCalls: 3, _server.SendAsync, static call => call.Split('.')[0], _clock);
    }

    public void Dispose() => _trips.Dispose();

    [Fact]
    public async Task A_call_that_finds_a_lane_free_leaves_at_once_by_itself()
    {
        var entry = _trips.Enter("a");

        Assert.True(entry.IsAlone);
        Assert.False((await WaitAsync(entry)).IsKnown);
        entry.Leave();
        Assert.True(_trips.Enter("b").IsAlone);
        Assert.Empty(_server.Trips);
    }

    [Fact]
    public async Task Calls_that_find_no_lane_free_leave_together_when_one_becomes_free()
    {
        var first = _trips.Enter("a");
        var others = new[] { _trips.Enter("b"), _trips.Enter("c") };
        Assert.Empty(_server.Trips);

        first.Leave();

        Assert.Equal(["b!", "c!"], await Task.WhenAll(others.Select(async other => (await WaitAsync(other)).Value)));
        Assert.Equal(["b c"], _server.Trips);
    }

    [Fact]
    public async Task A_round_trip_has_so_many_calls_and_no_more_and_the_next_one_has_the_rest()
    {
        var first = _trips.Enter("a");
        var others = "bcdef".Select(id => _trips.Enter($"{id}")).ToList();

        first.Leave();

        foreach (var other in others)
            await WaitAsync(other);

        Assert.Equal(["b c d", "e f"], _server.Trips);
    }

    [Fact]
    public async Task Two_calls_of_one_key_leave_one_after_the_other_and_in_order()
    {
        var first = _trips.Enter("x");
        var others = new[] { "a.1", "a.2", "b.1", "a.3" }.Select(_trips.Enter).ToList();

        first.Leave();

        foreach (var other in others)
            await WaitAsync(other);

        Assert.Equal(["a.1 b.1", "a.2", "a.3"], _server.Trips);
    }

    [Fact]
    public async Task A_caller_that_leaves_takes_only_its_own_call_along()
    {
        using var caller = new CancellationTokenSource();
        var first = _trips.Enter("a");
        var (leaving, staying) = (_trips.Enter("b"), _trips.Enter("c"));
        var left = leaving.WaitAsync(_deadline, _deadline.Start(), caller.Token).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        leaving.Leave();

        first.Leave();

        Assert.Equal("c!", (await WaitAsync(staying)).Value);
        Assert.Equal(["c"], _server.Trips);
    }

    [Fact]
    public async Task A_call_whose_time_is_over_is_not_sent_later()
    {
        var first = _trips.Enter("a");
        var (late, next) = (_trips.Enter("b"), _trips.Enter("c"));
        var waiting = late.WaitAsync(_deadline, _deadline.Start() - TimeSpan.FromMinutes(1).Ticks, CancellationToken.None).AsTask();
        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        late.Leave();

        first.Leave();

        await WaitAsync(next);
        Assert.Equal(["c"], _server.Trips);
    }

    [Fact]
    public async Task A_call_without_a_reply_is_unknown_and_the_others_are_not()
    {
        var first = _trips.Enter("a");
        var (odd, sound) = (_trips.Enter("odd"), _trips.Enter("b"));

        first.Leave();

        Assert.False((await WaitAsync(odd)).IsKnown);
        Assert.Equal("b!", (await WaitAsync(sound)).Value);
    }

    [Fact]
    public async Task When_a_round_trip_fails_each_caller_gets_an_exception_of_its_own()
    {
        _server.Failure = new IOException();
        var first = _trips.Enter("a");
        var others = new[] { _trips.Enter("b"), _trips.Enter("c") };

        first.Leave();

        var thrown = new List<RoundTripException>();
        foreach (var other in others)
            thrown.Add(await Assert.ThrowsAsync<RoundTripException>(() => WaitAsync(other)));

        Assert.NotSame(thrown[0], thrown[1]);
        Assert.All(thrown, exception => Assert.Same(_server.Failure, exception.InnerException));
    }

    [Fact]
    public async Task When_a_round_trip_fails_before_its_calls_are_sent_they_are_unknown_and_are_not_sent_later()
    {
        RoundTrips<string, string>.Trip? abandoned = null;
        using var trips = new RoundTrips<string, string>(1, 3, trip =>
        {
            abandoned = trip;
            throw new IOException();
        }, null, _clock);
        var first = trips.Enter("a");
        var other = trips.Enter("b");

        first.Leave();

        Assert.False((await WaitAsync(other)).IsKnown);
        Assert.Empty(abandoned!.Depart());
    }

    [Fact]
    public async Task A_call_that_does_not_fit_is_unknown()
    {
        using var trips = new RoundTrips<string, string>(1, 3, trip => _server.SendAsync(trip, call => call != "b"), null, _clock);
        var first = trips.Enter("a");
        var (unfit, fit) = (trips.Enter("b"), trips.Enter("c"));

        first.Leave();

        Assert.False((await WaitAsync(unfit)).IsKnown);
        Assert.Equal("c!", (await WaitAsync(fit)).Value);
    }

    [Fact]
    public async Task Calls_that_wait_when_the_store_is_disposed_are_told_so()
    {
        _trips.Enter("a");
        var other = WaitAsync(_trips.Enter("b"));

        _trips.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => other);
        Assert.Throws<ObjectDisposedException>(() => _trips.Enter("c"));
        Assert.Empty(_server.Trips);
    }

    [Fact]
    public async Task A_round_trip_that_the_server_holds_up_does_not_hold_up_what_comes_after_it()
    {
        _trips.Enter("stuck");
        var other = WaitAsync(_trips.Enter("b"));
        Assert.Empty(_server.Trips);

        _clock.Advance(RoundTrips<string, string>.Patience);

        Assert.Equal("b!", (await other).Value);
    }

    [Fact]
    public async Task A_shared_round_trip_has_the_context_of_none_of_its_callers()
    {
        var context = new AsyncLocal<string?> { Value = "of the caller" };
        string? seen = "none";
        using var trips = new RoundTrips<string, string>(1, 3, trip =>
        {
            seen = context.Value;
            return _server.SendAsync(trip);
        }, null, _clock);
        var first = trips.Enter("a");
        var other = trips.Enter("b");

        first.Leave();

        await WaitAsync(other);
        Assert.Null(seen);
    }

    [Fact]
    public async Task Where_every_call_has_to_share_none_leaves_by_itself()
    {
        using var trips = new RoundTrips<string, string>(1, 3, _server.SendAsync, null, _clock) { SharesAlways = true };

        var entry = trips.Enter("a");

        Assert.False(entry.IsAlone);
        Assert.Equal("a!", (await WaitAsync(entry)).Value);
    }

    private Task<Reply<string>> WaitAsync(in RoundTrips<string, string>.Entry entry) => entry.WaitAsync(_deadline, _deadline.Start(), CancellationToken.None).AsTask();

    /// <summary>Replies to each call with its text and a mark; not to those that begin with "odd".</summary>
    private sealed class Server
    {
        private readonly List<string> _trips = [];

        public IOException? Failure { get; set; }

        public IReadOnlyList<string> Trips
        {
            get
            {
                lock (_trips)
                    return [.. _trips];
            }
        }

        public Task<IReadOnlyList<Reply<string>>> SendAsync(RoundTrips<string, string>.Trip trip) => SendAsync(trip, null);

        public async Task<IReadOnlyList<Reply<string>>> SendAsync(RoundTrips<string, string>.Trip trip, Func<string, bool>? fits)
        {
            await Task.Yield();
            var calls = trip.Depart(fits);
            if (calls.Count > 0)
            {
                lock (_trips)
                    _trips.Add(string.Join(' ', calls));
            }

            if (Failure is not null)
                throw Failure;

            return [.. calls.Select(call => call.StartsWith("odd", StringComparison.Ordinal) ? default : new Reply<string>(true, call + "!"))];
        }
    }
}
