using Microsoft.Extensions.Logging;

namespace SessionStores.Dashboard;

/// <summary>The messages of this package: event ids 8000 to 8099. They say who did what to whose sessions; none contains an id or a value.</summary>
internal static partial class Log
{
    [LoggerMessage(8000, LogLevel.Information, "{Operator} ended the session {Handle} of '{Subject}' in the dashboard.", EventName = "SessionEnded")]
    public static partial void SessionEnded(ILogger logger, string @operator, string handle, string subject);

    [LoggerMessage(8001, LogLevel.Information, "{Operator} ended all {Count} sessions of '{Subject}' in the dashboard.", EventName = "AllSessionsEnded")]
    public static partial void AllSessionsEnded(ILogger logger, string @operator, long count, string subject);

    [LoggerMessage(8002, LogLevel.Information, "{Operator} saw the values of the session {Handle} of '{Subject}' in the dashboard.", EventName = "ValuesSeen")]
    public static partial void ValuesSeen(ILogger logger, string @operator, string handle, string subject);
}
