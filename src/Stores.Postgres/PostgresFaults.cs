using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace SessionStores.Postgres;

/// <summary>Translates what the driver throws into the one exception of the contract (L19, L21).</summary>
internal static class PostgresFaults
{
    private const string Unreachable = "The PostgreSQL server cannot be reached, or dropped the connection";
    private const string NoResponse = "The PostgreSQL server did not respond within";
    private const string NoWrites = "The PostgreSQL server takes no writes:";
    private const string Refuses = "The PostgreSQL server refuses the credentials or a right:";

    /// <summary>Whether the driver's exception is a fault of the server or of the way to it, and not of the program.</summary>
    public static bool IsFault(Exception exception) =>
        exception is NpgsqlException or TimeoutException or SocketException or IOException or AuthenticationException or OperationCanceledException;

    /// <summary>Whether the server undid a statement as a whole.</summary>
    public static bool IsUndone(PostgresException exception) => exception.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    /// <summary>Whether a statement was certainly not done: the server reported an error, or ended the session before it began. What a pooler
    /// reports of its own connections says nothing of the statement.</summary>
    public static bool IsNotDone(PostgresException exception) =>
        IsDeadConnection(exception, isRead: false) || (exception.InvariantSeverity == "ERROR" && !exception.SqlState.StartsWith("08", StringComparison.Ordinal));

    /// <summary>Whether no statement was run: the server reported an error, or there was no connection to run one on. A connection that is open fails
    /// with an <see cref="IOException"/>.</summary>
    private static bool WasNotDone(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.InvalidCatalogName } => true,
        PostgresException postgres => IsNotDone(postgres) || IsLoginRefused(postgres),
        SocketException or NpgsqlException { InnerException: SocketException } => true,
        _ => CauseOf<InvalidCredentialException>(exception) is not null || CauseOf<AuthenticationException>(exception) is not null,
    };

    /// <summary>Whether a prepared statement was not run because the types of its result have changed.</summary>
    public static bool IsOutdatedPlan(PostgresException exception) => exception.SqlState == PostgresErrorCodes.FeatureNotSupported;

    /// <summary>Whether the role could not log in.</summary>
    public static bool IsLoginRefused(PostgresException exception) => exception.SqlState.StartsWith("28", StringComparison.Ordinal);

    /// <summary>Whether a connection had died before a statement was sent, or may have and the statement may run twice.</summary>
    /// <remarks>A server that ends a session says so before it closes the connection. It never does so between a commit and its reply, so the
    /// statement has not been done. Where only the connection is lost, the statement may have been done.</remarks>
    public static bool IsDeadConnection(NpgsqlException exception, bool isRead) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.IdleSessionTimeout, InvariantSeverity: "FATAL" } => true,
        PostgresException => false,
        _ => isRead && exception.InnerException is IOException,
    };

    /// <summary>The code of the server's error, for the log.</summary>
    public static string CodeOf(Exception exception) => (exception as PostgresException)?.SqlState ?? "no SQLSTATE";

    /// <param name="operation">The operation that failed.</param>
    /// <param name="exception">A fault (<see cref="IsFault"/>).</param>
    /// <param name="limit">The option that limits the operation, with its value.</param>
    public static SessionStoreException Translate(string operation, Exception exception, string limit)
    {
        var (fault, message) = exception switch
        {
            _ when CauseOf<InvalidCredentialException>(exception) is { } credentials => (SessionStoreFault.Refused,
                $"{Refuses} {nameof(PostgresStoreOptions)}.{nameof(PostgresStoreOptions.Credentials)} failed ({credentials.InnerException?.GetType().Name})."),
            _ when CauseOf<AuthenticationException>(exception) is { } tls => (SessionStoreFault.Misconfigured, $"The TLS connection to the PostgreSQL server failed: {tls.Message}"),
            NpgsqlException { InnerException: null } when exception.Message.StartsWith("SSL connection requested", StringComparison.Ordinal) => (SessionStoreFault.Misconfigured,
                "The TLS connection to the PostgreSQL server failed: the server offers no TLS. Set up TLS there, or check SSL Mode in the connection string."),
            PostgresException postgres => Describe(postgres.SqlState),
            TimeoutException or OperationCanceledException or { InnerException: TimeoutException } => (SessionStoreFault.Timeout,
                $"{NoResponse} {limit}. The time includes the wait for a connection: where the server is healthy, check Maximum Pool Size."),
            _ => (SessionStoreFault.Unavailable, $"{Unreachable}."),
        };
        return new SessionStoreException(nameof(PostgresStore), operation, fault, message, WithoutSecrets(exception), WriteOutcome.MayHaveWritten(operation, WasNotDone(exception)));
    }

    public static SessionStoreException Misconfigured(string operation, string message) =>
        new(nameof(PostgresStore), operation, SessionStoreFault.Misconfigured, message);

    /// <param name="operation">The operation that failed.</param>
    /// <param name="problem">What the record is, such as "is not a JSON object".</param>
    public static SessionStoreException Unreadable(string operation, string problem) =>
        new(nameof(PostgresStore), operation, SessionStoreFault.Unreadable, $"The stored record {problem}. It is left as it is.");

    private static (SessionStoreFault Fault, string Message) Describe(string code) => code switch
    {
        PostgresErrorCodes.ReadOnlySqlTransaction => (SessionStoreFault.ReadOnly,
            $"{NoWrites} it is a replica or read-only ({code}). Name the primary in the connection string, or all hosts with Target Session Attributes=primary."),
        PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory => (SessionStoreFault.ReadOnly, $"{NoWrites} it is out of disk space or memory ({code})."),
        PostgresErrorCodes.InsufficientPrivilege => (SessionStoreFault.Refused,
            $"{Refuses} the role needs SELECT, INSERT, UPDATE and DELETE on the table, and with CreateIfMissing also the right to create what is missing ({code})."),
        ['2', '8', ..] => (SessionStoreFault.Refused, $"{Refuses} the role cannot log in ({code}). Check user name, password and pg_hba.conf."),
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable => (SessionStoreFault.Timeout,
            $"{NoResponse} a time limit of its own: statement_timeout or lock_timeout ({code})."),
        ['0', '8', ..] or ['5', '7', 'P', ..] or PostgresErrorCodes.TooManyConnections => (SessionStoreFault.Unavailable, $"{Unreachable} ({code})."),
        PostgresErrorCodes.UndefinedTable => (SessionStoreFault.Misconfigured, $"The session table does not exist ({code})."),
        PostgresErrorCodes.UndefinedColumn => (SessionStoreFault.Misconfigured, $"The session table lacks a column ({code})."),
        PostgresErrorCodes.InvalidCatalogName => (SessionStoreFault.Misconfigured, $"The database does not exist ({code})."),
        PostgresErrorCodes.InvalidSchemaName => (SessionStoreFault.Misconfigured, $"The schema of the session table does not exist ({code})."),
        ['4', '2', ..] => (SessionStoreFault.Misconfigured, $"The session table is not what the store needs ({code})."),
        _ => (SessionStoreFault.Failed, $"The PostgreSQL server returned an error ({code})."),
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

    // With Include Error Detail=true the driver's exception quotes the row, and so the id and the payload.
    private static Exception? WithoutSecrets(Exception exception) =>
        exception is PostgresException { Detail: { } detail } && !detail.StartsWith("Detail redacted", StringComparison.Ordinal) ? null : exception;
}
