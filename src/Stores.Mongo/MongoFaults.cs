using System.Net.Sockets;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <summary>Turns what the driver throws into the one exception of the contract.</summary>
internal static class MongoFaults
{
    private const string QueueFull =
        "More calls wait for a connection than the MongoDB client lets wait. Raise maxPoolSize or waitQueueSize of the client's connection string.";

    /// <summary>The exception to throw instead, or null to let it pass.</summary>
    /// <param name="exception">What the driver threw.</param>
    /// <param name="operation">The operation of the store.</param>
    /// <param name="options">The options of the store.</param>
    /// <param name="timedOut">Whether the time of the operation is over.</param>
    /// <param name="isConnected">Whether the driver knows a server that it could use.</param>
    public static SessionStoreException? Translate(Exception exception, string operation, MongoStoreOptions options, bool timedOut, bool isConnected)
    {
        var fault = exception switch
        {
            SessionStoreException or ArgumentException => (SessionStoreFault?)null,
            OperationCanceledException or TimeoutException when timedOut && isConnected => SessionStoreFault.Timeout,
            OperationCanceledException when timedOut => SessionStoreFault.Unavailable,
            OperationCanceledException => null,
            TimeoutException => isConnected ? SessionStoreFault.Timeout : SessionStoreFault.Unavailable,
            MongoAuthenticationException => SessionStoreFault.Refused,
            MongoConnectionException { InnerException: MongoAuthenticationException } => SessionStoreFault.Refused,
            MongoConnectionException { ContainsTimeoutException: true } when isConnected => SessionStoreFault.Timeout,
            MongoConnectionException or MongoConnectionPoolPausedException or MongoWaitQueueFullException => SessionStoreFault.Unavailable,
            MongoExecutionTimeoutException => SessionStoreFault.Timeout,
            MongoNotPrimaryException => SessionStoreFault.ReadOnly,
            MongoIncompatibleDriverException or MongoConfigurationException => SessionStoreFault.Misconfigured,
            MongoWriteException write => OfCode(write.WriteConcernError?.Code ?? write.WriteError?.Code ?? 0),
            MongoCommandException command => OfCode(command.Code),
            MongoException => SessionStoreFault.Failed,
            SocketException or IOException => SessionStoreFault.Unavailable,
            FormatException => SessionStoreFault.Failed,
            _ => null,
        };

        // What the driver says of a bad configuration quotes the connection text.
        var inner = exception is MongoConfigurationException ? null : exception;
        return fault is { } known ? new(nameof(MongoStore), operation, known, exception is MongoWaitQueueFullException ? QueueFull : MessageOf(known, options), inner) : null;
    }

    public static bool IsDuplicateKey(MongoException exception) => exception switch
    {
        MongoWriteException { WriteError.Category: ServerErrorCategory.DuplicateKey } => true,
        MongoCommandException { Code: 11000 or 11001 } => true,
        MongoDuplicateKeyException => true,
        _ => false,
    };

    private static SessionStoreFault OfCode(int code) => code switch
    {
        13 or 18 or 8000 => SessionStoreFault.Refused,
        189 or 10107 or 10058 or 11602 or 13435 or 13436 or 14031 => SessionStoreFault.ReadOnly,
        6 or 7 or 91 or 9001 or 11600 => SessionStoreFault.Unavailable,
        50 or 64 or 89 or 262 => SessionStoreFault.Timeout,
        73 or 79 or 85 or 86 or 100 or 166 => SessionStoreFault.Misconfigured,
        _ => SessionStoreFault.Failed,
    };

    private static string MessageOf(SessionStoreFault fault, MongoStoreOptions options) => fault switch
    {
        SessionStoreFault.Unavailable => "The MongoDB server cannot be reached or dropped the connection.",
        SessionStoreFault.Timeout => FormattableString.Invariant($"The MongoDB server did not answer, or no connection to it was free, within OperationTimeout ({options.OperationTimeout})."),
        SessionStoreFault.ReadOnly => "The MongoDB server takes no writes now: it is not the primary, is stepping down, or its disk is full.",
        SessionStoreFault.Refused => "The MongoDB server refused the user: wrong credentials, or no right to do this. The store needs find, insert, update, remove, listIndexes and createIndex on its collection.",
        SessionStoreFault.Misconfigured => "The MongoDB server or its driver does not take this configuration; the inner exception, if any, says what.",
        _ => "The MongoDB server or its driver answered with an error.",
    };
}
