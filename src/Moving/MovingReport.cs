using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace SessionStores.Moving;

/// <summary>Counts and logs what a moving store does.</summary>
internal sealed class MovingReport : IDisposable
{
    private const string Unknown = "a store without a name";
    private readonly ILogger _logger;
    private readonly string _from;
    private readonly string _to;
    private readonly Meter _meter = new("SessionStores.Moving");
    private readonly Counter<long> _moved;

    public MovingReport(ISessionStore from, ISessionStore to, MovingStage stage, ILogger logger)
    {
        _logger = logger;
        _from = from.KeySpace ?? Unknown;
        _to = to.KeySpace ?? Unknown;
        _moved = _meter.CreateCounter<long>("sessionstores.moving.moved", "{session}", "Sessions that this node has moved from the old side to the new side.");
        Log.StageInUse(logger, _from, _to, stage);
    }

    public void Moved() => _moved.Add(1);

    public void OldSideWritten() => Log.OldSideWritten(_logger, _from);

    public void NotArrived(TimeSpan waited) => Log.MoveNotArrived(_logger, _to, waited.TotalSeconds);

    public void NewSideTaken() => Log.NewSideTaken(_logger, _to);

    public void Dispose() => _meter.Dispose();
}
