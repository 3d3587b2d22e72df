using Microsoft.Extensions.Logging;

namespace SessionStores.Memory;

internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Warning, "MemoryStore is full ({Sessions} sessions, about {Bytes} bytes): {Evicted} live sessions were dropped, least recently used first. Raise MaxSessions or MaxBytes, shorten lifetimes, or use a store with a server.", EventName = "SessionsEvicted")]
    public static partial void SessionsEvicted(ILogger logger, long sessions, long bytes, long evicted);
}
