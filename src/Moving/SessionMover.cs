namespace SessionStores.Moving;

/// <summary>Moves the sessions that no request touches, while requests are served, and compares both sides.</summary>
/// <remarks>
/// <para>Each session is moved by the step by which <see cref="MovingStore"/> moves what a request reads, so a session that is changed, rotated or ended
/// concurrently is neither lost, nor brought back, nor on both sides.</para>
/// <para>What was moved is no longer on the old side. A run that was cancelled or that failed is therefore continued by the next one, and several may run at
/// the same time. Memory is bounded: the old side is read as a stream.</para>
/// </remarks>
public sealed partial class SessionMover
{
    /// <summary>How many sessions are between two calls of a progress callback.</summary>
    private const int ProgressInterval = 100;

    private readonly MovingStore _store;
    private readonly ISessionEnumeration _oldSessions;
    private readonly int _parallelism;

    /// <summary>Creates a mover.</summary>
    /// <param name="store">The store that is being moved, in the stage <see cref="MovingStage.Move"/>. Whoever created it disposes it.</param>
    /// <param name="parallelism">How many sessions are moved at the same time: 1 to 256.</param>
    /// <exception cref="InvalidOperationException">The store is in the stage <see cref="MovingStage.Prepare"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="parallelism"/> is out of its range.</exception>
    /// <exception cref="NotSupportedException">The old side cannot list its sessions.</exception>
    public SessionMover(MovingStore store, int parallelism = 16)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parallelism, 256);
        if (store.Stage != MovingStage.Move)
        {
            throw new InvalidOperationException(
                $"The stage must be {nameof(MovingStage.Move)}, but is {store.Stage}: nodes that know only the old side may still run, and would not find what has moved. Set it on every node first.");
        }

        _store = store;
        _parallelism = parallelism;
        _oldSessions = store.From.GetCapability<ISessionEnumeration>() ?? throw new NotSupportedException(
            $"{store.From.GetType().Name} does not offer {nameof(ISessionEnumeration)}, so its sessions can only be moved by the requests that read them.");
    }

    /// <summary>Counts the sessions of the old side, to show how far a run is.</summary>
    /// <exception cref="SessionStoreException">The server failed.</exception>
    public ValueTask<long> CountOldSideAsync(CancellationToken cancellationToken = default) => _oldSessions.LengthAsync(cancellationToken);

    /// <summary>Moves every session of the old side.</summary>
    /// <param name="progress">Called after every 100 sessions and at the end, also when the run ends by an exception; never concurrently.</param>
    /// <param name="cancellationToken">Ends the run; what was moved by then stays moved.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="SessionStoreException">The old side cannot be listed, or as many sessions in a row could not be moved as are moved at the same
    /// time, twice over. Call it again when the server works.</exception>
    public async Task<SessionMoveCounts> MoveAsync(Action<SessionMoveCounts>? progress = null, CancellationToken cancellationToken = default)
    {
        var tally = new MoveTally(progress, ProgressInterval, _parallelism * 2);
        try
        {
            await Parallel.ForEachAsync(_oldSessions.AllAsync(cancellationToken: cancellationToken), Options(cancellationToken), async (record, token) =>
            {
                try
                {
                    tally.Count(await _store.MoveAsync(record.Id, token).ConfigureAwait(false));
                }
                catch (SessionStoreException failure)
                {
                    if (!tally.CanContinueAfter(record.Id, failure))
                        throw;
                }
            }).ConfigureAwait(false);
        }
        finally
        {
            tally.Show();
        }

        return tally.Counts;
    }

    private ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = _parallelism, CancellationToken = cancellationToken };
}
