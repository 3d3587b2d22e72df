using Microsoft.Extensions.Logging;

namespace SessionStores.Mongo;

internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Information, "MongoStore made the index {Index}.", EventName = "IndexMade")]
    public static partial void IndexMade(ILogger logger, string index);

    [LoggerMessage(4002, LogLevel.Warning, "MongoStore passed over {Count} documents that it cannot read while it listed sessions.", EventName = "UnreadablePassedOver")]
    public static partial void UnreadablePassedOver(ILogger logger, long count);

    [LoggerMessage(4004, LogLevel.Error, "MongoStore took a session away to rotate it and could not store it under the new id; the session is lost and its user has to sign in again.", EventName = "RotationLost")]
    public static partial void RotationLost(ILogger logger);
}
