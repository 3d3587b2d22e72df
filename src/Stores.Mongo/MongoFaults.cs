using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <summary>Translates the exceptions of the driver into the one exception of the contract.</summary>
internal static class MongoFaults
{
    /// <summary>Whether an exception is about the server or the way to it. Others pass as they are.</summary>
    public static bool Describes(Exception exception) =>
        exception is MongoException or TimeoutException or SocketException or IOException or FormatException or InvalidCredentialException;

    /// <summary>Creates the exception of the contract for an exception that <see cref="Describes"/> accepts.</summary>
    /// <param name="operation">The operation of the store.</param>
    /// <param name="exception">The exception of the driver or of the deadline.</param>
    /// <param name="timeout">The time that the call had.</param>
    /// <param name="isConnected">Whether the driver knows a server that it could use.</param>
    /// <param name="cause">Why the driver cannot connect, where that is known.</param>
    public static SessionStoreException Translate(string operation, Exception exception, TimeSpan timeout, bool isConnected, Exception? cause = null)
    {
        var mayHaveWritten = WriteOutcome.MayHaveWritten(operation, WasNotDone(exception));

        // A call only waits for a server until its time is over; the reason is known to the driver's monitor.
        if (exception is TimeoutException && !isConnected && cause is not null && FaultOf(cause, isConnected) is SessionStoreFault.Refused or SessionStoreFault.Misconfigured)
            exception = cause;

        var fault = FaultOf(exception, isConnected);

        // The driver's text about a bad configuration quotes the connection string.
        return new(nameof(MongoStore), operation, fault, MessageOf(fault, exception, timeout), exception is MongoConfigurationException ? null : exception, mayHaveWritten);
    }

    /// <summary>The code of the server's error, or the type of the exception.</summary>
    public static string CodeOf(Exception exception) => exception switch
    {
        MongoWriteException write => ServerCodeOf(write).ToString(CultureInfo.InvariantCulture),
        MongoCommandException command => command.Code.ToString(CultureInfo.InvariantCulture),
        SessionStoreException { InnerException: { } inner } => CodeOf(inner),
        _ => exception.GetType().Name,
    };

    /// <summary>Whether a command did not reach the server: its connection had died while it was idle, or the pool was being emptied of such.</summary>
    public static bool WasNotSent(Exception exception) =>
        exception is MongoConnectionPoolPausedException
        || (exception is MongoConnectionException && exception.Message.StartsWith("An exception occurred while sending a message", StringComparison.Ordinal));

    /// <summary>Whether a command was certainly not done: it was not sent, or the server refused it before it began.</summary>
    private static bool WasNotDone(Exception exception) => exception switch
    {
        TimeoutException => exception.Message.Contains("selecting a server", StringComparison.Ordinal),
        MongoException refused when IsSignInRefused(refused) || WasNotSent(refused) => true,
        MongoConnectionException => exception.Message.StartsWith("An exception occurred while opening a connection", StringComparison.Ordinal),
        MongoWaitQueueFullException or MongoIncompatibleDriverException or MongoConfigurationException or InvalidCredentialException => true,
        MongoWriteException { WriteConcernError: null, WriteError: not null } => true,
        MongoWriteConcernException => false,
        MongoCommandException command => command.Code is 13 or 18 or 8000 or 10107 or 10058 or 13435 or 13436,
        _ => false,
    };

    /// <summary>Whether a connection could not be opened because the server refused its sign-in.</summary>
    public static bool IsSignInRefused(MongoException exception) =>
        exception is MongoAuthenticationException or MongoConnectionException { InnerException: MongoAuthenticationException };

    /// <summary>Whether an update did nothing because another one inserted its document at that moment. DocumentDB says so in an odd way: it
    /// evaluates the update again and does not have its clock there.</summary>
    public static bool IsLostUpsert(MongoException exception) => exception switch
    {
        MongoWriteException { WriteError: { } error } => IsLostUpsert(error.Code, error.Message),
        MongoCommandException command => IsLostUpsert(command.Code, command.ErrorMessage),
        _ => false,
    };

    private static bool IsLostUpsert(int code, string message) =>
        code is 11000 or 11001 || (code == 9 && message.Contains("$$NOW operator cannot be used", StringComparison.Ordinal));

    private static SessionStoreFault FaultOf(Exception exception, bool isConnected) => exception switch
    {
        TimeoutException => isConnected ? SessionStoreFault.Timeout : SessionStoreFault.Unavailable,
        InvalidCredentialException => SessionStoreFault.Refused,
        _ when CauseOf<AuthenticationException>(exception) is not null => SessionStoreFault.Misconfigured,
        MongoException refused when IsSignInRefused(refused) => SessionStoreFault.Refused,
        MongoConnectionException { ContainsTimeoutException: true } when isConnected => SessionStoreFault.Timeout,
        MongoConnectionException or MongoConnectionPoolPausedException or MongoWaitQueueFullException => SessionStoreFault.Unavailable,
        MongoExecutionTimeoutException => SessionStoreFault.Timeout,
        MongoNotPrimaryException => SessionStoreFault.ReadOnly,
        MongoIncompatibleDriverException or MongoConfigurationException => SessionStoreFault.Misconfigured,
        MongoWriteException write => FaultOf(ServerCodeOf(write)),
        MongoCommandException command => FaultOf(command.Code),
        SocketException or IOException => SessionStoreFault.Unavailable,
        _ => SessionStoreFault.Failed,
    };

    private static SessionStoreFault FaultOf(int code) => code switch
    {
        13 or 18 or 8000 => SessionStoreFault.Refused,
        189 or 10107 or 10058 or 11602 or 13435 or 13436 or 14031 => SessionStoreFault.ReadOnly,
        6 or 7 or 91 or 9001 or 11600 => SessionStoreFault.Unavailable,
        50 or 64 or 89 or 262 => SessionStoreFault.Timeout,
        73 or 79 or 85 or 86 or 100 or 166 => SessionStoreFault.Misconfigured,
        _ => SessionStoreFault.Failed,
    };

    private static T? CauseOf<T>(Exception exception)
        where T : Exception
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is T found)
                return found;
        }

        return null;
    }

    private static int ServerCodeOf(MongoWriteException exception) => exception.WriteConcernError?.Code ?? exception.WriteError?.Code ?? 0;

    private static string MessageOf(SessionStoreFault fault, Exception exception, TimeSpan timeout) => (fault, exception) switch
    {
        (_, MongoWaitQueueFullException) =>
            "More calls wait for a connection than the MongoDB client allows. Raise maxPoolSize or waitQueueSize in the connection string of the client.",
        (SessionStoreFault.Misconfigured, _) when CauseOf<AuthenticationException>(exception) is { } tls => $"The TLS connection to the MongoDB server failed: {tls.Message}",
        (_, MongoConfigurationException) => "The MongoDB driver rejects the connection string or a setting of the client.",
        (_, MongoIncompatibleDriverException) => "The MongoDB driver does not support the version of the server. MongoDB 4.4 or later is required.",
        (SessionStoreFault.Unavailable, _) => "The MongoDB server cannot be reached, or dropped the connection.",
        (SessionStoreFault.Timeout, _) =>
            $"The MongoDB server did not respond within OperationTimeout ({timeout:c}). If many calls run at once, raise maxPoolSize in the connection string.",
        (SessionStoreFault.ReadOnly, _) => "The MongoDB server takes no writes: it is not the primary, is stepping down, or its disk is full.",
        (SessionStoreFault.Refused, InvalidCredentialException) => exception.Message,
        (SessionStoreFault.Refused, _) when CodeOf(exception) != "13" => "The MongoDB server refuses the credentials or a right: a valid user and password are needed.",
        (SessionStoreFault.Refused, _) =>
            "The MongoDB server refuses the credentials or a right: find, insert, update, remove, listIndexes and createIndex on the collection are needed.",
        (SessionStoreFault.Misconfigured, _) => $"The MongoDB server rejects the collection, an index or the write concern ({CodeOf(exception)}).",
        _ => $"The MongoDB server returned an error ({CodeOf(exception)}).",
    };
}
