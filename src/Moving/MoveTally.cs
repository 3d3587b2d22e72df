namespace SessionStores.Moving;

/// <summary>Counts what the parallel moves of one run have done, and says when a run is in vain.</summary>
/// <param name="progress">Called after every <paramref name="interval"/> sessions.</param>
/// <param name="interval">How many sessions are between two calls.</param>
/// <param name="patience">How many sessions in a row may fail.</param>
internal sealed class MoveTally(Action<SessionMoveCounts>? progress, int interval, int patience)
{
    private const int MostReasons = 20;

    private readonly Lock _gate = new();
    private readonly List<string> _reasons = [];
    private SessionMoveCounts _counts = new();
    private int _failedInARow;

    public SessionMoveCounts Counts
    {
        get
        {
            lock (_gate)
                return _counts with { Reasons = [.. _reasons] };
        }
    }

    public void Count(MoveStep step)
    {
        lock (_gate)
        {
            _failedInARow = 0;
            Add(step switch
            {
                MoveStep.Moved => _counts with { Moved = _counts.Moved + 1 },
                MoveStep.AlreadyThere => _counts with { AlreadyThere = _counts.AlreadyThere + 1 },
                _ => _counts with { Ended = _counts.Ended + 1 },
            });
        }
    }

    /// <summary>Counts a session that was left on the old side.</summary>
    /// <returns>Whether the run may move others: the failure is about this session only, or there were few in a row.</returns>
    public bool CanContinueAfter(string id, SessionStoreException failure)
    {
        lock (_gate)
        {
            Keep(id, failure.Message);
            var isUnreadable = failure.Fault == SessionStoreFault.Unreadable;
            _failedInARow = isUnreadable || failure.InnerException is SessionPayloadTooLargeException ? 0 : _failedInARow + 1;
            Add(isUnreadable ? _counts with { Unreadable = _counts.Unreadable + 1 } : _counts with { Failed = _counts.Failed + 1 });
            return _failedInARow < patience;
        }
    }

    /// <summary>Shows what is counted so far.</summary>
    public void Show()
    {
        lock (_gate)
            progress?.Invoke(_counts with { Reasons = [.. _reasons] });
    }

    private void Keep(string id, string reason)
    {
        if (_reasons.Count < MostReasons)
            _reasons.Add($"{SessionHandle.Of(id)}: {reason}");
    }

    private void Add(SessionMoveCounts counts)
    {
        _counts = counts;
        if (counts.Seen % interval == 0)
            Show();
    }
}
