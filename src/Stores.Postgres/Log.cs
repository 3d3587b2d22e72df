using Microsoft.Extensions.Logging;

namespace SessionStores.Postgres;

/// <summary>What the store logs. No id, no payload and no connection text is ever among the arguments (L21).</summary>
internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "The session table {Table} was set up: {Steps}.", EventName = "TableSetUp")]
    public static partial void TableSetUp(ILogger logger, string table, string steps);

    [LoggerMessage(3002, LogLevel.Information, "A pooler stands between this store and PostgreSQL, so statements are not prepared.", EventName = "PoolerFound")]
    public static partial void PoolerFound(ILogger logger);

    [LoggerMessage(3003, LogLevel.Warning, "The session table {Table} is UNLOGGED: a crash of the server empties it. ALTER TABLE … SET LOGGED cures it.", EventName = "TableUnlogged")]
    public static partial void TableUnlogged(ILogger logger, string table);

    [LoggerMessage(3004, LogLevel.Information, "The expire column of the session table {Table} has no time zone; it is read and written as {Zone}.", EventName = "ExpireWithoutZone")]
    public static partial void ExpireWithoutZone(ILogger logger, string table, string zone);

    [LoggerMessage(3005, LogLevel.Warning, "A record of the session table {Table} is no JSON object; it was passed over and left as it is.", EventName = "RecordUnreadable")]
    public static partial void RecordUnreadable(ILogger logger, string table);

    [LoggerMessage(3006, LogLevel.Warning, "{Operation} failed: {Fault}, SQLSTATE {SqlState}.", EventName = "OperationFailed")]
    public static partial void OperationFailed(ILogger logger, string operation, SessionStoreFault fault, string sqlState);

    [LoggerMessage(3007, LogLevel.Debug, "Removed {Count} expired records.", EventName = "Pruned")]
    public static partial void Pruned(ILogger logger, long count);

    [LoggerMessage(3008, LogLevel.Warning, "A call that nobody waited for any more could not be cancelled.", EventName = "CallNotCancelled")]
    public static partial void CallNotCancelled(ILogger logger, Exception exception);
}
