using Microsoft.Extensions.Logging;

namespace SessionStores.Mongo;

/// <summary>The messages of this package: event ids 4000 to 4099.</summary>
internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Warning, "{Operation} failed: {Fault} ({Code}).", EventName = "OperationFailed")]
    public static partial void OperationFailed(ILogger logger, string operation, SessionStoreFault fault, string code);

    [LoggerMessage(4002, LogLevel.Warning, "Skipped {Count} records that cannot be read while listing sessions.", EventName = "UnreadableSkipped")]
    public static partial void UnreadableSkipped(ILogger logger, long count);

    [LoggerMessage(4003, LogLevel.Warning, "A call that was abandoned could not be cancelled.", EventName = "CancellationFailed")]
    public static partial void CancellationFailed(ILogger logger, Exception exception);

    [LoggerMessage(4010, LogLevel.Information, "Created the index {Index}.", EventName = "IndexCreated")]
    public static partial void IndexCreated(ILogger logger, string index);

    [LoggerMessage(4011, LogLevel.Error, "A session was removed in order to rotate it and could not be stored under the new id. It is lost; its user has to sign in again.", EventName = "RotationLost")]
    public static partial void RotationLost(ILogger logger);

    [LoggerMessage(4012, LogLevel.Debug, "A shared round trip failed ({Code}); its calls are sent one by one.", EventName = "RoundTripTakenApart")]
    public static partial void RoundTripTakenApart(ILogger logger, string code);
}
