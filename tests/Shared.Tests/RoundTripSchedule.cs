using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace SessionStores.Shared.Tests;

/// <summary>Random callers that change counters by compare-and-set through shared round trips, a server that fails at random, and the rules that
/// hold whatever the order.</summary>
internal sealed class RoundTripSchedule
{
    public const string ReplyOfAnother = "A reply belongs to its call.";
    public const string FailureOfAnother = "A call fails only for a reason of its own or of the server.";
    public const string AcknowledgedButNotDone = "What was acknowledged was done.";
    public const string DoneTwice = "No call is done twice.";
    public const string SharedKey = "Two calls of one key share no round trip.";
    public const string LostOnDispose = "Calls that wait when the store is disposed end with it and are not sent.";

    private const int Lanes = 2;
    private const int Callers = 24;
    private const int CallsOfEach = 40;
    private const int Keys = 12;

    private readonly int _seed;
    private readonly Mutation _mutation;
    private readonly ConcurrentDictionary<string, int> _violations = new();
    private readonly ConcurrentDictionary<int, int> _done = new();
    private readonly Dictionary<string, int> _counters = [];
    private readonly Lock _gate = new();
    private readonly Random _faults;
    private readonly Host _host = new();
    private int _serverFailures;

    public RoundTripSchedule(int seed, Mutation mutation)
    {
        (_seed, _mutation) = (seed, mutation);
        _faults = new Random(seed);
        for (var key = 0; key < Keys; key++)
            _counters[$"{key}"] = 0;
    }

    public enum Mutation
    {
        None,
        SwapsResults,
        CancelsAllWithOne,
        ReportsAFailureAsSuccess,
        SendsAgainWhatWasSent,
        SharesKeys,
        LosesCallsOnDispose,
    }

    /// <summary>How many calls shared a round trip.</summary>
    public int Shared { get; private set; }

    /// <summary>Runs all callers and returns the rules that were broken.</summary>
    public async Task<IReadOnlyCollection<string>> RunAsync()
    {
        using (var trips = Create(TimeProvider.System))
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(trips, caller))));

        await DisposeAsync();
        return [.. _violations.Keys];
    }

    private RoundTrips<Call, Result> Create(TimeProvider clock) =>
        new(_host, (trip, _) => SendAsync(trip), static exception => exception is InvalidDataException, _mutation == Mutation.SharesKeys ? null : static call => call.Key, Lanes, 8, clock);

    private async Task CallAsync(RoundTrips<Call, Result> trips, int caller)
    {
        var random = new Random((_seed * 1000) + caller);
        for (var i = 0; i < CallsOfEach; i++)
        {
            using var source = new CancellationTokenSource();
            var key = $"{random.Next(Keys)}";
            var call = new Call((caller * CallsOfEach) + i, key, CounterOf(key), source.Token);
            var isLate = random.Next(12) == 0;
            var cancels = random.Next(6) == 0 ? CancelAsync(source, random.Next(20)) : null;
            try
            {
                // A call whose time is over when it begins to wait is late whatever the speed of the machine.
                _host.IsLate.Value = isLate;
                var result = await trips.RunAsync("Call", call, (Schedule: this, call, Turns: random.Next(10)), static (state, reply, _, _) =>
                    reply.IsKnown ? new(reply.Value) : state.Schedule.DoByItselfAsync(state.call, state.Turns), source.Token);

                Break(ReplyOfAnother, result.Id != call.Id);
                Break(AcknowledgedButNotDone, result.IsWritten && !_done.ContainsKey(call.Id));
            }
            catch (OperationCanceledException)
            {
                Break(FailureOfAnother, cancels is null);
            }
            catch (CallFailedException exception) when (exception.InnerException is TimeoutException)
            {
                Break(FailureOfAnother, !isLate);
            }
            catch (CallFailedException exception)
            {
                Break(FailureOfAnother, exception.InnerException is not IOException || Volatile.Read(ref _serverFailures) == 0);
            }

            if (cancels is not null)
                await cancels;
        }
    }

    /// <summary>Disposes the round trips while both lanes are taken and calls wait. Their clock stands still, so that none of them leaves before.</summary>
    private async Task DisposeAsync()
    {
        using var trips = Create(new FakeTimeProvider());
        var end = new TaskCompletionSource();
        var holding = Enumerable.Range(0, Lanes).Select(i => RunAsync(i, end.Task)).ToList();
        var waiting = Enumerable.Range(Lanes, Callers).Select(i => RunAsync(i, Task.CompletedTask)).ToList();
        if (_mutation != Mutation.LosesCallsOnDispose)
            trips.Dispose();

        end.SetResult();
        await Task.WhenAll(holding);
        foreach (var call in waiting)
            Break(LostOnDispose, await call is not ObjectDisposedException);

        Task<Exception?> RunAsync(int i, Task end) => Record.ExceptionAsync(() => trips.RunAsync("Call", new Call(-i, $"{i % Keys}", 0, default), end, static async (end, reply, _, _) =>
        {
            await end;
            return reply.IsKnown;
        }, CancellationToken.None).AsTask()).AsTask();
    }

    private async ValueTask<Result> DoByItselfAsync(Call call, int turns)
    {
        for (; turns > 0; turns--)
            await Task.Yield();

        return Do(call);
    }

    private static async Task CancelAsync(CancellationTokenSource source, int turns)
    {
        for (; turns > 0; turns--)
            await Task.Yield();

        await source.CancelAsync();
    }

    private async Task<IReadOnlyList<Reply<Result>>> SendAsync(RoundTrips<Call, Result>.Trip trip)
    {
        var fault = NextFault();
        for (var turns = fault % 5; turns >= 0; turns--)
            await Task.Yield();

        if (fault % 20 == 1)
            throw Gone(); // before anything was sent

        var calls = trip.Depart();
        Break(SharedKey, calls.Select(call => call.Key).Distinct().Count() < calls.Count);
        await Task.Yield();
        if (_mutation == Mutation.CancelsAllWithOne && calls.Any(call => call.Token.IsCancellationRequested))
            throw new OperationCanceledException();

        if (fault % 20 == 2)
        {
            Gone();
            return _mutation == Mutation.ReportsAFailureAsSuccess ? [.. calls.Select(call => (Reply<Result>)new Result(call.Id, true))] : []; // undone as a whole
        }

        lock (_gate)
            Shared += calls.Count;

        var replies = calls.Select(call => (call.Id + fault) % 17 == 3 ? default : (Reply<Result>)Do(call)).ToList(); // some rows fail
        if (fault % 20 == 3)
            throw Gone(); // in the middle: done, and not known to be

        if (_mutation == Mutation.SwapsResults && replies.Count > 1)
            (replies[0], replies[1]) = (replies[1], replies[0]);

        return _mutation == Mutation.SendsAgainWhatWasSent ? [] : replies;
    }

    private IOException Gone()
    {
        Interlocked.Increment(ref _serverFailures);
        return new IOException();
    }

    private int NextFault()
    {
        lock (_gate)
            return _faults.Next(1000);
    }

    private int CounterOf(string key)
    {
        lock (_gate)
            return _counters[key];
    }

    /// <summary>What the server does for one call.</summary>
    private Result Do(Call call)
    {
        lock (_gate)
        {
            Break(DoneTwice, _done.AddOrUpdate(call.Id, 1, static (_, count) => count + 1) > 1);
            if (_counters[call.Key] != call.Expected)
                return new Result(call.Id, false);

            _counters[call.Key]++;
            return new Result(call.Id, true);
        }
    }

    private void Break(string rule, bool isBroken)
    {
        if (isBroken)
            _violations.AddOrUpdate(rule, 1, static (_, count) => count + 1);
    }

    /// <summary>A host whose callers may be late: then their time is over at once.</summary>
    private sealed class Host : IRoundTripHost
    {
        private readonly TestHost _host = new(TimeSpan.FromMinutes(1));
        private readonly TestHost _late = new(TimeSpan.Zero);

        public AsyncLocal<bool> IsLate { get; } = new();

        public Deadline Deadline => IsLate.Value ? _late.Deadline : _host.Deadline;

        public void ThrowIfDisposed() => _host.ThrowIfDisposed();

        public Exception Translate(string operation, Exception exception, CancellationToken cancellationToken) => _host.Translate(operation, exception, cancellationToken);

        public void LogTakenApart(Exception exception) => _host.LogTakenApart(exception);
    }

    internal sealed record Call(int Id, string Key, int Expected, CancellationToken Token);

    internal readonly record struct Result(int Id, bool IsWritten);
}
