using Microsoft.Extensions.Logging;

namespace SessionStores.Memory;

/// <summary>The messages of this package: event ids 1000 to 1099.</summary>
internal static partial class Log
{
    [LoggerMessage(1010, LogLevel.Warning, "MemoryStore is full ({Sessions} sessions, about {Bytes} bytes): {Evicted} live sessions were evicted, least recently used first. Raise MaxSessions or MaxBytes, shorten lifetimes, or use a store with a server.", EventName = "SessionsEvicted")]
    public static partial void SessionsEvicted(ILogger logger, long sessions, long bytes, long evicted);
}
