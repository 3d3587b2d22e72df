using System.Collections.Concurrent;

namespace SessionStores.AspNetCore;

/// <summary>Lets the writers of one contended session in this process run one after the other, so that they do not keep causing conflicts. No
/// writer waits before there was a conflict in its own session, and correctness does not depend on it: the store's versions ensure that.</summary>
/// <remarks>A gate exists while a writer holds it. A wait is bounded, so that a writer whose store call hangs does not hold up the others.
/// The changes of a request whose client has gone are kept, but such a writer lets all others of its session go first.</remarks>
internal sealed class WriterGates(TimeProvider clock)
{
    /// <summary>Afterwards a writer makes one attempt without the gate.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, Gate> _gates = new(StringComparer.Ordinal);

    /// <summary>How many sessions have a gate now.</summary>
    public int Count => _gates.Count;

    /// <summary>Whether a writer holds the gate of this session.</summary>
    public bool IsHeld(string id) => _gates.ContainsKey(id);

    /// <summary>Takes the gate of this session when it is this writer's turn.</summary>
    /// <param name="id">The id of the session.</param>
    /// <param name="clientGone">Cancelled when the client has gone: the writer then lets the others go first.</param>
    /// <param name="cancellationToken">Ends the wait with an exception.</param>
    /// <returns>The gate to release; null if the wait took too long.</returns>
    public async ValueTask<Gate?> EnterAsync(string id, CancellationToken clientGone, CancellationToken cancellationToken)
    {
        Gate gate;
        Writer? writer;
        do
        {
            gate = _gates.GetOrAdd(id, static (id, gates) => new Gate(id, gates), this);
        }
        while (!gate.TryJoin(out writer));

        if (writer is null)
            return gate;

        using var giveWay = clientGone.UnsafeRegister(static state => ((Writer)state!).GiveWay(), writer);
        try
        {
            await writer.Turn.WaitAsync(LongestWait, clock, cancellationToken);
            return gate;
        }
        catch (TimeoutException)
        {
            return gate.TryLeave(writer) ? null : gate;
        }
        catch (OperationCanceledException)
        {
            if (!gate.TryLeave(writer))
                gate.Release();

            throw;
        }
    }

    /// <summary>The gate of one session: held by one writer, with a queue of others, and a second queue of those whose clients have gone.</summary>
    internal sealed class Gate(string id, WriterGates gates)
    {
        private readonly LinkedList<Writer> _queue = new();
        private readonly LinkedList<Writer> _abandoned = new();
        private bool _isHeld;
        private bool _isClosed;

        /// <summary>Takes the gate if it is free, and joins the queue otherwise.</summary>
        /// <returns>False if the gate is not used any longer.</returns>
        public bool TryJoin(out Writer? writer)
        {
            writer = null;
            lock (_queue)
            {
                if (_isClosed)
                    return false;

                if (_isHeld)
                {
                    writer = new Writer(this);
                    _queue.AddLast(writer.Place);
                }

                _isHeld = true;
                return true;
            }
        }

        /// <summary>Gives the gate to the next writer; without one it ends.</summary>
        public void Release()
        {
            lock (_queue)
            {
                var next = _queue.First ?? _abandoned.First;
                if (next is null)
                {
                    _isClosed = true;
                    gates._gates.TryRemove(new KeyValuePair<string, Gate>(id, this));
                    return;
                }

                next.List!.Remove(next);
                next.Value.Begin();
            }
        }

        /// <summary>Leaves the queue. Returns false if the gate was given to this writer in the meantime.</summary>
        public bool TryLeave(Writer writer)
        {
            lock (_queue)
            {
                writer.Place.List?.Remove(writer.Place);
                return !writer.Turn.IsCompleted;
            }
        }

        public void GiveWay(Writer writer)
        {
            lock (_queue)
            {
                if (writer.Place.List != _queue)
                    return;

                _queue.Remove(writer.Place);
                _abandoned.AddLast(writer.Place);
            }
        }
    }

    /// <summary>A writer in the queue of a gate.</summary>
    internal sealed class Writer
    {
        private readonly TaskCompletionSource _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Gate _gate;

        public Writer(Gate gate)
        {
            _gate = gate;
            Place = new LinkedListNode<Writer>(this);
        }

        public LinkedListNode<Writer> Place { get; }

        public Task Turn => _turn.Task;

        public void Begin() => _turn.SetResult();

        public void GiveWay() => _gate.GiveWay(this);
    }
}
