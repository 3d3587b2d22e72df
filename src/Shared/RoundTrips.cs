using System.Runtime.CompilerServices;

namespace SessionStores;

/// <summary>Lets calls that wait at the same time share a round trip (decision 24).</summary>
/// <remarks>
/// <para>A call that finds a lane free leaves at once, by itself. Calls that find all lanes taken gather, and leave together when one becomes
/// free; so no call waits on purpose. A lane is taken for as long as its round trip lasts, but not longer than <see cref="Patience"/>: one that
/// the server holds up does not hold up what comes after it.</para>
/// <para>A round trip knows results or does not. What it does not know, such as a row that it did not find or a round trip that was undone, its
/// callers send by themselves, with their own faults and repetitions. So only success is shared.</para>
/// </remarks>
/// <typeparam name="TCall">What one call asks for.</typeparam>
/// <typeparam name="TResult">What it gets.</typeparam>
/// <param name="host">The connection of the store.</param>
/// <param name="send">Sends the calls of <see cref="Trip.Depart"/> and returns a reply to each, in their order, once all of it is done; an
/// empty list if nothing was done. If it throws after that, what became of the calls is unknown.</param>
/// <param name="mayRepeat">Whether the calls may be sent again, each by itself, after a round trip that threw an exception.</param>
/// <param name="keyOf">Calls with one key never share a round trip; null for calls that may.</param>
/// <param name="lanes">How many round trips are under way before calls gather. Two keep one connection busy while the calls of the other are
/// prepared.</param>
/// <param name="maxCalls">The most calls of one round trip. More cost a server no less for each.</param>
/// <param name="clock">Measures how long lanes are taken; null for the system's clock.</param>
internal sealed partial class RoundTrips<TCall, TResult>(
    IRoundTripHost host, Func<RoundTrips<TCall, TResult>.Trip, Deadline.Call, Task<IReadOnlyList<Reply<TResult>>>> send, Func<Exception, bool> mayRepeat,
    Func<TCall, string>? keyOf = null, int lanes = 2, int maxCalls = 64, TimeProvider? clock = null) : IDisposable
{
    /// <summary>How long a round trip keeps a lane.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(25);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _gate = new();

    /// <summary>Who has each lane, and since when; the ticket is 0 for a lane that is free.</summary>
    private readonly (long Ticket, long Since)[] _lanes = new (long, long)[lanes];
    private readonly List<Place> _waiting = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private ITimer? _timer;
    private long _lastTicket;
    private int _starting;
    private bool _isTimed;
    private bool _isDisposed;

    /// <summary>Whether every call gathers, for tests.</summary>
    public bool SharesAlways { get; init; }

    /// <summary>Runs a call: by itself if it finds a lane free, else in a shared round trip.</summary>
    /// <param name="operation">The operation, for exceptions.</param>
    /// <param name="call">What a shared round trip is asked for.</param>
    /// <param name="state">What <paramref name="finish"/> needs, so that it captures nothing.</param>
    /// <param name="finish">Takes the reply of the round trip or, where it is not known, sends the call by itself. Gets the start of the call, too.</param>
    /// <param name="cancellationToken">The token of the caller. A call that was not sent yet is not sent then; otherwise only the wait ends.</param>
    /// <param name="begun">The start of the call; null for now.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T> RunAsync<TState, T>(
        string operation, TCall call, TState state, Func<TState, Reply<TResult>, long, CancellationToken, ValueTask<T>> finish, CancellationToken cancellationToken,
        long? begun = null)
    {
        host.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var started = begun ?? host.Deadline.Start();
        var (place, ticket) = Enter(call);
        try
        {
            var reply = place is null ? default : await WaitAsync(operation, place, started, cancellationToken).ConfigureAwait(false);
            return await finish(state, reply, started, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (place is null)
                Leave(ticket);
            else
                place.TryLeave();
        }
    }

    /// <summary>Ends the wait of all calls that were not sent yet with an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _timer?.Dispose();
            foreach (var place in _waiting)
                place.Refuse(new ObjectDisposedException(null));

            _waiting.Clear();
        }
    }

    /// <summary>Takes a lane for a call, or a place among those that wait.</summary>
    private (Place? Place, long Ticket) Enter(TCall call)
    {
        lock (_gate)
        {
            if (_isDisposed)
                throw Disposed();

            if (!SharesAlways && _waiting.Count == 0 && TryTakeLane(out var ticket))
                return (null, ticket);

            var place = new Place(call);
            _waiting.Add(place);
            Dispatch();
            return (place, 0);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Reply<TResult>> WaitAsync(string operation, Place place, long started, CancellationToken cancellationToken)
    {
        Exception? failure;
        try
        {
            (var reply, failure) = await host.Deadline.WaitAsync(place.Result, started, cancellationToken).ConfigureAwait(false);
            if (failure is null)
                return reply;
        }
        catch (TimeoutException exception)
        {
            failure = exception;
        }

        throw failure is ObjectDisposedException ? Disposed() : host.Translate(operation, failure, cancellationToken);
    }

    private ObjectDisposedException Disposed()
    {
        host.ThrowIfDisposed();
        return new ObjectDisposedException(null);
    }

    private void Leave(long ticket)
    {
        lock (_gate)
        {
            for (var i = 0; i < _lanes.Length; i++)
            {
                // A lane that was kept for too long has another ticket by now.
                if (_lanes[i].Ticket != ticket)
                    continue;

                _lanes[i] = default;
                Dispatch();
                return;
            }
        }
    }

    private bool TryTakeLane(out long ticket)
    {
        var now = _clock.GetTimestamp();
        for (var i = 0; i < _lanes.Length; i++)
        {
            if (_lanes[i].Ticket != 0 && _clock.GetElapsedTime(_lanes[i].Since, now) < Patience)
                continue;

            ticket = ++_lastTicket;
            _lanes[i] = (ticket, now);
            return true;
        }

        ticket = 0;
        return false;
    }

    /// <summary>Starts a round trip for each lane that is free while calls wait.</summary>
    private void Dispatch()
    {
        // A trip takes its calls when it starts to run, so what arrives until then leaves with it. It is no part of the request that frees the
        // lane: it has neither its context nor its thread.
        while (_waiting.Count > _starting * maxCalls && TryTakeLane(out var ticket))
        {
            _starting++;
            ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Trips.RunAsync(state.Ticket), (Trips: this, Ticket: ticket), preferLocal: false);
        }

        if (_waiting.Count == 0 || _isTimed || _isDisposed)
            return;

        _isTimed = true;
        _timer ??= CreateTimer();
        _timer.Change(Patience, Timeout.InfiniteTimeSpan);
    }

    private ITimer CreateTimer()
    {
        // It would keep the context of the request that happens to be the first.
        var isSuppressed = ExecutionContext.IsFlowSuppressed();
        var flow = isSuppressed ? default : ExecutionContext.SuppressFlow();
        try
        {
            return _clock.CreateTimer(static state => ((RoundTrips<TCall, TResult>)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        finally
        {
            if (!isSuppressed)
                flow.Undo();
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            _isTimed = false;
            if (!_isDisposed)
                Dispatch();
        }
    }

    private async Task RunAsync(long ticket)
    {
        var places = Gather();
        try
        {
            if (places.Count > 0)
                await SendAsync(new Trip(places)).ConfigureAwait(false);
        }
        finally
        {
            Leave(ticket);
        }
    }

    private async Task SendAsync(Trip trip)
    {
        IReadOnlyList<Reply<TResult>> replies = [];
        Exception? failure = null;
        try
        {
            replies = await host.Deadline.RunAsync(
                (Send: send, Trip: trip), static (state, call) => state.Send(state.Trip, call), host.Deadline.Start(), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (mayRepeat(exception))
        {
            host.LogTakenApart(exception);
        }
        catch (Exception exception)
        {
            failure = exception; // each caller gets one of its own
        }

        trip.Arrive(replies, failure);
    }

    /// <summary>Takes the calls of a round trip, in the order in which they came.</summary>
    private List<Place> Gather()
    {
        var gathered = new List<Place>();
        lock (_gate)
        {
            _starting--;
            var kept = 0;
            for (var i = 0; i < _waiting.Count; i++)
            {
                var place = _waiting[i];
                if (place.HasLeft)
                    continue;

                if (gathered.Count < maxCalls && (keyOf is null || _keys.Add(keyOf(place.Call))))
                    gathered.Add(place);
                else
                    _waiting[kept++] = place;
            }

            _waiting.RemoveRange(kept, _waiting.Count - kept);
            _keys.Clear();
        }

        return gathered;
    }
}
