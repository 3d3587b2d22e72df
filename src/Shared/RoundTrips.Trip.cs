namespace SessionStores;

/// <remarks>A round trip and the places of the calls in it.</remarks>
internal sealed partial class RoundTrips<TCall, TResult>
{
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

        /// <summary>Ends the wait of all calls: with their replies, or with the failure for those that were sent.</summary>
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

        /// <summary>The reply, or why there is none. Never fails itself: an exception would be shared by its callers.</summary>
        public Task<(Reply<TResult> Reply, Exception? Failure)> Result => _result.Task;

        public bool HasLeft => Volatile.Read(ref _state) == Left;

        /// <summary>Sends the call, unless its caller has left.</summary>
        public bool TryDepart() => Interlocked.CompareExchange(ref _state, Departed, Waiting) == Waiting;

        /// <summary>Leaves, unless the call was sent. It will not be sent.</summary>
        public bool TryLeave() => Interlocked.CompareExchange(ref _state, Left, Waiting) == Waiting;

        public void Deliver(Reply<TResult> reply) => _result.TrySetResult((reply, null));

        public void Refuse(Exception failure) => _result.TrySetResult((default, failure));
    }
}
