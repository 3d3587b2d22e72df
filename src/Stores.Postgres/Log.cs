using Microsoft.Extensions.Logging;

namespace SessionStores.Postgres;

/// <summary>The messages of this package: event ids 3000 to 3099. No id, payload or connection text is among the arguments (L21).</summary>
internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Warning, "{Operation} failed: {Fault} ({Code}).", EventName = "OperationFailed")]
    public static partial void OperationFailed(ILogger logger, string operation, SessionStoreFault fault, string code);

    [LoggerMessage(3002, LogLevel.Warning, "Skipped {Count} records that cannot be read while listing sessions.", EventName = "UnreadableSkipped")]
    public static partial void UnreadableSkipped(ILogger logger, int count);

    [LoggerMessage(3003, LogLevel.Warning, "A call that was abandoned could not be cancelled.", EventName = "CancellationFailed")]
    public static partial void CancellationFailed(ILogger logger, Exception exception);

    [LoggerMessage(3010, LogLevel.Information, "The session table {Table} was set up: {Steps}.", EventName = "TableSetUp")]
    public static partial void TableSetUp(ILogger logger, string table, string steps);

    [LoggerMessage(3011, LogLevel.Information, "A pooler is between this store and PostgreSQL, so statements are not prepared.", EventName = "PoolerFound")]
    public static partial void PoolerFound(ILogger logger);

    [LoggerMessage(3012, LogLevel.Warning, "The session table {Table} is UNLOGGED: a crash of the server empties it. ALTER TABLE … SET LOGGED changes that.", EventName = "TableUnlogged")]
    public static partial void TableUnlogged(ILogger logger, string table);

    [LoggerMessage(3013, LogLevel.Information, "The expire column of the session table {Table} has no time zone; it is read and written as {Zone}.", EventName = "ExpireWithoutZone")]
    public static partial void ExpireWithoutZone(ILogger logger, string table, string zone);

    [LoggerMessage(3014, LogLevel.Debug, "Removed {Count} expired records.", EventName = "Pruned")]
    public static partial void Pruned(ILogger logger, long count);

    [LoggerMessage(3015, LogLevel.Debug, "A shared round trip failed ({Code}); its calls are sent one by one.", EventName = "RoundTripTakenApart")]
    public static partial void RoundTripTakenApart(ILogger logger, string code);
}
