using Microsoft.Extensions.Logging;

namespace SessionStores.Moving;

/// <summary>The messages of this package: event ids 7000 to 7099.</summary>
internal static partial class Log
{
    [LoggerMessage(7000, LogLevel.Information, "Sessions move from {From} to {To}. Stage: {Stage}.", EventName = "StageInUse")]
    public static partial void StageInUse(ILogger logger, string from, string to, MovingStage stage);

    [LoggerMessage(7010, LogLevel.Error, "A session was written on the old side ({From}) after its move had begun, and that write is lost: a node runs that knows only the old side. Give every node both sides with the stage Prepare before one has the stage Move.", EventName = "OldSideWritten")]
    public static partial void OldSideWritten(ILogger logger, string from);

    [LoggerMessage(7011, LogLevel.Warning, "A session that another node had begun to move did not arrive on the new side ({To}) within {Seconds} seconds, and has ended: it was ended there, or that node or its server failed between two steps of a rotation.", EventName = "MoveNotArrived")]
    public static partial void MoveNotArrived(ILogger logger, string to, double seconds);

    [LoggerMessage(7012, LogLevel.Error, "A session was not moved, because the new side ({To}) has another session under its id; that one is used. Ids are created by one side only once every node has the stage Move.", EventName = "NewSideTaken")]
    public static partial void NewSideTaken(ILogger logger, string to);
}
