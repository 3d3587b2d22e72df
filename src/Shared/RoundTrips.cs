using System.Runtime.CompilerServices;

namespace SessionStores;

/// <summary>What a round trip brought back for one call. If nothing is known, the call has to be sent by itself.</summary>
internal readonly record struct Reply<TResult>(bool IsKnown, TResult Value)
{
    public static implicit operator Reply<TResult>(TResult value) => new(true, value);
}

/// <summary>A round trip failed after its calls were sent: what became of them is unknown. Each caller gets one of its own.</summary>
internal sealed class RoundTripException(Exception cause) : Exception("A shared round trip failed.", cause);

/// <summary>Lets calls that wait at the same time share a round trip.</summary>
/// <remarks>
/// <para>A call that finds a lane free leaves at once, by itself. Calls that find all lanes taken gather, and leave together when one becomes
/// free; so no call waits on purpose. A lane is taken for as long as its round trip lasts, but not longer than <see cref="Patience"/>: one that
/// the server holds up does not hold up what comes after it.</para>
/// <para>A round trip knows results or does not. What it does not know, such as a row that it did not find or a round trip that was undone, its
/// callers send by themselves, with their own faults and repetitions. So only success is shared.</para>
/// </remarks>
/// <typeparam name="TCall">What one call asks for.</typeparam>
/// <typeparam name="TResult">What it gets.</typeparam>
/// <param name="lanes">How many round trips are under way before calls gather.</param>
/// <param name="maxCalls">The most calls of one round trip.</param>
/// <param name="send">Sends the calls of <see cref="Trip.Depart"/> and returns a reply to each, in their order, once all of it is done; an
/// empty list if nothing was done. If it throws after that, what became of the calls is unknown.</param>
/// <param name="keyOf">Calls with one key never share a round trip; null for calls that may.</param>
/// <param name="clock">Measures the time; null for the system's clock.</param>
internal sealed class RoundTrips<TCall, TResult>(
    int lanes, int maxCalls, Func<RoundTrips<TCall, TResult>.Trip, Task<IReadOnlyList<Reply<TResult>>>> send, Func<TCall, string>? keyOf = null, TimeProvider? clock = null) : IDisposable
{
    /// <summary>How many round trips may be under way for each lane, when the server holds them up.</summary>
    private const int TripsPerLane = 8;

    /// <summary>How long a round trip keeps a lane.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(25);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private readonly long?[] _trips = new long?[lanes * TripsPerLane];
    private readonly List<Place> _waiting = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private ITimer? _timer;
    private int _starting;
    private bool _isTimed;
    private bool _isDisposed;

    /// <summary>Whether every call gathers, for tests.</summary>
    public bool SharesAlways { get; init; }

    /// <summary>Enters a call. <see cref="Entry.Leave"/> has to be called when it is over.</summary>
    /// <exception cref="ObjectDisposedException">The round trips are disposed.</exception>
    public Entry Enter(TCall call)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!SharesAlways && _waiting.Count == 0 && TryTakeLane(out var lane))
                return new Entry(this, null, lane);

            var place = new Place(call);
            _waiting.Add(place);
            Dispatch();
            return new Entry(this, place, -1);
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

    private void Leave(int lane)
    {
        lock (_gate)
        {
            _trips[lane] = null;
            Dispatch();
        }
    }

    /// <summary>Starts a round trip for each lane that is free while calls wait.</summary>
    private void Dispatch()
    {
        // A trip takes its calls when it starts to run, so what arrives until then leaves with it. It is no part of the request that frees the
        // lane: it has neither its context nor its thread.
        while (_waiting.Count > _starting * maxCalls && TryTakeLane(out var lane))
        {
            _starting++;
            ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Trips.RunAsync(state.Lane), (Trips: this, Lane: lane), preferLocal: false);
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

    private bool TryTakeLane(out int lane)
    {
        var now = _clock.GetTimestamp();
        var taken = 0;
        lane = -1;
        for (var i = 0; i < _trips.Length; i++)
        {
            if (_trips[i] is not { } started)
                lane = i;
            else if (_clock.GetElapsedTime(started, now) < Patience)
                taken++;
        }

        if (taken >= lanes || lane < 0)
            return false;

        _trips[lane] = now;
        return true;
    }

    private async Task RunAsync(int lane)
    {
        var places = Gather();
        try
        {
            if (places.Count > 0)
                await SendAsync(new Trip(places)).ConfigureAwait(false);
        }
        finally
        {
            Leave(lane);
        }
    }

    private async Task SendAsync(Trip trip)
    {
        IReadOnlyList<Reply<TResult>> replies = [];
        Exception? failure = null;
        try
        {
            replies = await send(trip).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception; // thrown by each caller
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

    /// <summary>A call that leaves by itself or has a place in a round trip.</summary>
    internal readonly struct Entry(RoundTrips<TCall, TResult> trips, Place? place, int lane)
    {
        /// <summary>Whether the call has a lane and leaves by itself.</summary>
        public bool IsAlone => place is null;

        /// <summary>Waits for the reply of the round trip.</summary>
        /// <exception cref="TimeoutException">The time of the call is over.</exception>
        /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
        /// <exception cref="ObjectDisposedException">The round trips were disposed before the call was sent.</exception>
        /// <exception cref="RoundTripException">The round trip failed; whether the call was done is unknown.</exception>
        public ValueTask<Reply<TResult>> WaitAsync(Deadline deadline, long started, CancellationToken cancellationToken) =>
            place is null ? default : place.WaitAsync(deadline, started, cancellationToken);

        /// <summary>Gives the lane or the place back.</summary>
        public void Leave()
        {
            if (place is null)
                trips.Leave(lane);
            else
                place.TryLeave();
        }
    }

    /// <summary>The calls of one round trip.</summary>
    internal sealed class Trip(IReadOnlyList<Place> places)
    {
        private readonly List<Place> _departed = [];
        private readonly Lock _gate = new();
        private bool _hasArrived;

        /// <summary>The calls that are still waited for, which is the moment from which they count as sent. What it does not return must not
        /// be sent.</summary>
        /// <param name="fits">Which calls can be sent in this form; null for all.</param>
        public IReadOnlyList<TCall> Depart(Func<TCall, bool>? fits = null)
        {
            var calls = new List<TCall>(places.Count);
            lock (_gate)
            {
                foreach (var place in places)
                {
                    if (_hasArrived || fits?.Invoke(place.Call) == false || !place.TryDepart())
                        continue;

                    _departed.Add(place);
                    calls.Add(place.Call);
                }
            }

            return calls;
        }

        public void Arrive(IReadOnlyList<Reply<TResult>> replies, Exception? failure)
        {
            lock (_gate)
            {
                // What has not departed by now no longer can, also if the work of an abandoned round trip is still under way.
                _hasArrived = true;
                foreach (var place in places)
                {
                    if (place.TryLeave())
                        place.Deliver(default);
                }

                for (var i = 0; i < _departed.Count; i++)
                {
                    if (failure is not null)
                        _departed[i].Refuse(failure);
                    else
                        _departed[i].Deliver(i < replies.Count ? replies[i] : default);
                }
            }
        }
    }

    /// <summary>The place of a call among those that wait.</summary>
    internal sealed class Place(TCall call)
    {
        private const int Waiting = 0;
        private const int Departed = 1;
        private const int Left = 2;

        private readonly TaskCompletionSource<(Reply<TResult> Reply, Exception? Failure)> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _state;

        public TCall Call => call;

        public bool HasLeft => Volatile.Read(ref _state) == Left;

        /// <summary>Sends the call, unless its caller has left.</summary>
        public bool TryDepart() => Interlocked.CompareExchange(ref _state, Departed, Waiting) == Waiting;

        /// <summary>Leaves, unless the call was sent. It will not be sent.</summary>
        public bool TryLeave() => Interlocked.CompareExchange(ref _state, Left, Waiting) == Waiting;

        public void Deliver(Reply<TResult> reply) => _result.TrySetResult((reply, null));

        public void Refuse(Exception failure) => _result.TrySetResult((default, failure));

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public async ValueTask<Reply<TResult>> WaitAsync(Deadline deadline, long started, CancellationToken cancellationToken)
        {
            var (reply, failure) = await deadline.WaitAsync(_result.Task, started, cancellationToken).ConfigureAwait(false);
            return failure switch
            {
                null => reply,
                ObjectDisposedException => throw new ObjectDisposedException(null),
                _ => throw new RoundTripException(failure),
            };
        }
    }
}
