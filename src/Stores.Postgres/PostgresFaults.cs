using System.Net.Sockets;
using Npgsql;

namespace SessionStores.Postgres;

/// <summary>Turns what the driver throws into the one exception of the contract (L19, L21).</summary>
internal static class PostgresFaults
{
    public const string Store = nameof(PostgresStore);

    /// <summary>Whether the driver's exception is a fault of the server or of the way to it, and not of the program.</summary>
    public static bool IsFault(Exception exception) =>
        exception is NpgsqlException or TimeoutException or SocketException or IOException or OperationCanceledException;

    public static SessionStoreException Of(string operation, Exception exception)
    {
        var (fault, message) = Describe(exception);
        return new SessionStoreException(Store, operation, fault, message, WithoutSecrets(exception));
    }

    public static SessionStoreException Misconfigured(string operation, string message, Exception? inner = null) =>
        new(Store, operation, SessionStoreFault.Misconfigured, message, inner);

    public static SessionStoreException Unreadable(string operation) =>
        new(Store, operation, SessionStoreFault.Unreadable, "The stored record is no JSON object. It is left as it is.");

    private static (SessionStoreFault Fault, string Message) Describe(Exception exception) => exception switch
    {
        PostgresException postgres => Describe(postgres.SqlState),
        TimeoutException or OperationCanceledException or { InnerException: TimeoutException } => (SessionStoreFault.Timeout,
            "PostgreSQL did not answer, or no connection came free, within PostgresStoreOptions.OperationTimeout."),
        _ => (SessionStoreFault.Unavailable, "PostgreSQL cannot be reached, or dropped the connection."),
    };

    private static (SessionStoreFault Fault, string Message) Describe(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.ReadOnlySqlTransaction => (SessionStoreFault.ReadOnly,
            "The server takes no writes. Name the primary in the connection string, or all hosts with Target Session Attributes=primary."),
        PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory => (SessionStoreFault.ReadOnly,
            $"The server has no room for writes (SQLSTATE {sqlState})."),
        PostgresErrorCodes.InsufficientPrivilege => (SessionStoreFault.Refused,
            "The role lacks a right. It needs SELECT, INSERT, UPDATE and DELETE on the table, and with PostgresStoreOptions.CreateIfMissing also the right to create what is missing."),
        PostgresErrorCodes.UndefinedTable => (SessionStoreFault.Misconfigured, "The session table does not exist."),
        PostgresErrorCodes.UndefinedColumn => (SessionStoreFault.Misconfigured, "The session table lacks a column."),
        PostgresErrorCodes.InvalidCatalogName => (SessionStoreFault.Misconfigured, "The database does not exist."),
        PostgresErrorCodes.InvalidSchemaName => (SessionStoreFault.Misconfigured, "The schema of the session table does not exist."),
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable => (SessionStoreFault.Timeout,
            $"The server gave the statement up: a statement or lock time-out (SQLSTATE {sqlState})."),
        ['2', '8', ..] => (SessionStoreFault.Refused, $"The server refuses the role or its credentials (SQLSTATE {sqlState})."),
        ['0', '8', ..] or ['5', '7', 'P', ..] or PostgresErrorCodes.TooManyConnections => (SessionStoreFault.Unavailable,
            $"The server takes no connections now, or ended this one (SQLSTATE {sqlState})."),
        ['4', '2', ..] => (SessionStoreFault.Misconfigured, $"The session table is not what the store needs (SQLSTATE {sqlState})."),
        _ => (SessionStoreFault.Failed, $"The server answered with SQLSTATE {sqlState}."),
    };

    // With Include Error Detail=true the driver's exception quotes the row, and so the id and the payload.
    private static Exception? WithoutSecrets(Exception exception) =>
        exception is PostgresException { Detail: { } detail } && !detail.StartsWith("Detail redacted", StringComparison.Ordinal) ? null : exception;
}
