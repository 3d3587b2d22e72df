using Microsoft.Extensions.Logging;

namespace SessionStores.Redis;

/// <summary>Event ids 2000 to 2099. No event holds an id, a payload or connection text.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Warning, "{Operation} failed: {Fault} ({Code}).", EventName = "OperationFailed")]
    public static partial void OperationFailed(ILogger logger, string operation, SessionStoreFault fault, string code);

    [LoggerMessage(2002, LogLevel.Warning, "Skipped {Count} records that cannot be read while listing sessions.", EventName = "UnreadableSkipped")]
    public static partial void UnreadableSkipped(ILogger logger, int count);

    [LoggerMessage(2003, LogLevel.Warning, "A call that was abandoned could not be cancelled.", EventName = "CancellationFailed")]
    public static partial void CancellationFailed(ILogger logger, Exception exception);

    [LoggerMessage(2011, LogLevel.Debug, "A shared round trip failed ({Code}); its calls are sent one by one.", EventName = "RoundTripTakenApart")]
    public static partial void RoundTripTakenApart(ILogger logger, string code);
}
