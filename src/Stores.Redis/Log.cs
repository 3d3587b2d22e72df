using Microsoft.Extensions.Logging;

namespace SessionStores.Redis;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Warning, "RedisStore passed over a key that holds no session that it can read.", EventName = "UnreadablePassedOver")]
    public static partial void UnreadablePassedOver(ILogger logger);
}
