using System.Globalization;
using System.Security.Authentication;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Translates exceptions of the client into those of the contract.</summary>
internal static class RedisFaults
{
    /// <summary>How the client begins its text about a database whose number is too high.</summary>
    private const string MissingDatabase = "The database does not exist";

    private const string UnreadableRecord = "The stored record is not a JSON object. It is left as it is.";

    private const string Login = "a valid user and password are needed";
    private const string Rights = "the user needs the commands and keys that the README of SessionStores.Redis lists";

    public static bool IsScriptMissing(RedisServerException exception) => CodeOf(exception) == "NOSCRIPT";

    /// <summary>Whether the server does not know an option of a command. Then it has done nothing.</summary>
    public static bool IsSyntaxError(RedisServerException exception) => exception.Message.StartsWith("ERR syntax error", StringComparison.Ordinal);

    /// <summary>Whether the server replied that it takes no writes.</summary>
    public static bool TakesNoWrites(RedisServerException exception) => OfReply(exception).Fault == SessionStoreFault.ReadOnly;

    /// <summary>Whether the client failed to connect because the server refused it, or was not trusted. After a time-out the client tells the
    /// first refusal that it ever had, which may be over; such a text does not begin with the kind of failure.</summary>
    public static bool IsRefusal(Exception exception) =>
        (exception is not RedisConnectionException || exception.Message.StartsWith(nameof(ConnectionFailureType.AuthenticationFailure), StringComparison.Ordinal))
        && OfRefusal(exception) is not null;

    /// <summary>Whether it is one of the client's exceptions, or the time was over. The client cancels what it had sent when it gives a
    /// connection up.</summary>
    public static bool Describes(Exception exception, CancellationToken cancellationToken) =>
        exception is RedisException or RedisCommandException or TimeoutException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>Whether a call failed because the only server that the client knows is a replica now. What it holds can still be read: there
    /// is no other server to which this store could have written in the meantime.</summary>
    public static bool IsOnlyServerAReplica(RedisConnectionException exception, IConnectionMultiplexer? multiplexer) =>
        multiplexer is not null && multiplexer.GetEndPoints().Length == 1 && MissesPrimary(exception, multiplexer);

    /// <summary>Creates the exception of the contract.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="exception">An exception that <see cref="Describes"/> is true for.</param>
    /// <param name="keys">The keys of the call. The client's texts may name them; such an exception is not passed on. Null for a shared round trip, whose
    /// keys are those of others too: no exception of the client is passed on.</param>
    /// <param name="multiplexer">The connection, if there is one.</param>
    /// <param name="cause">Why the client cannot connect, where that is known.</param>
    /// <param name="limit">The time that the call had.</param>
    public static SessionStoreException Translate(
        string operation, Exception exception, RedisKey[]? keys, IConnectionMultiplexer? multiplexer, Exception? cause, TimeSpan limit)
    {
        var isConnected = multiplexer is { IsConnected: true };
        var (fault, message) = exception switch
        {
            TimeoutException or OperationCanceledException or RedisConnectionException when !isConnected && OfRefusal(cause) is { } refusal => refusal,
            TimeoutException when !isConnected && multiplexer is not null => Unreachable(),
            TimeoutException => (SessionStoreFault.Timeout, $"The Redis server did not respond within {nameof(RedisStoreOptions.OperationTimeout)} ({limit:c})."),
            OperationCanceledException => Unreachable(),
            RedisServerException server => OfReply(server),
            RedisCommandException command when command.Message.StartsWith(MissingDatabase, StringComparison.Ordinal) =>
                (SessionStoreFault.Misconfigured, $"{command.Message}. Use the number of a database that the server has."),
            RedisConnectionException connection => OfConnection(connection, multiplexer),
            _ => (SessionStoreFault.Failed, $"StackExchange.Redis could not carry out the command ({exception.GetType().Name})."),
        };

        return Create(operation, fault, message, keys is null || Names(exception, keys) ? null : exception, WriteOutcome.MayHaveWritten(operation, WasNotDone(exception, multiplexer)));
    }

    /// <summary>What a log says of an exception of the client: the error code of the server, or the kind of failure; never its text.</summary>
    public static string CodeOf(Exception exception) => exception switch
    {
        RedisServerException server => CodeOf(server),
        RedisConnectionException connection => connection.FailureType.ToString(),
        _ => exception.GetType().Name,
    };

    public static SessionStoreException Unreadable(string operation, Exception? innerException = null) =>
        Create(operation, SessionStoreFault.Unreadable, UnreadableRecord, innerException);

    public static SessionStoreException TooLarge(string operation, RedisStoreOptions options) => Create(
        operation, SessionStoreFault.Unreadable, string.Create(CultureInfo.InvariantCulture,
            $"The stored record has more than {nameof(options.MaxPayloadBytes)} ({options.MaxPayloadBytes:N0}) bytes, so that it could not be saved again. It is left as it is."));

    public static SessionStoreException ScanInterrupted(string operation) => Create(
        operation, SessionStoreFault.Unavailable, "Another Redis server took over while the keys were listed. Start the call again.");

    public static SessionStoreException TooFewReplicas(string operation, long replicas, RedisStoreOptions options) => Create(
        operation, SessionStoreFault.Unavailable, string.Create(CultureInfo.InvariantCulture,
            $"The write reached {replicas} replicas within {nameof(options.ReplicaTimeout)} ({options.ReplicaTimeout:c}), but {nameof(options.MinReplicas)} is {options.MinReplicas}."), mayHaveWritten: true);

    public static SessionStoreException ReplicasOnCluster(string operation, RedisStoreOptions options) => Create(
        operation, SessionStoreFault.Misconfigured, string.Create(CultureInfo.InvariantCulture,
            $"{nameof(RedisStoreOptions)}.{nameof(options.MinReplicas)} must be 0 on Redis Cluster, but is {options.MinReplicas}. Use min-replicas-to-write of the servers there."));

    public static SessionStoreException KeepExpiredOnCluster(string operation) => Create(
        operation, SessionStoreFault.Misconfigured,
        $"{nameof(RedisStoreOptions)}.{nameof(RedisStoreOptions.KeepExpired)} must be false on Redis Cluster, where a record and its copy may be on different nodes. Use a single server, or another store, to learn of expired sessions.");

    private static SessionStoreException Create(string operation, SessionStoreFault fault, string message, Exception? innerException = null, bool? mayHaveWritten = null) =>
        new(nameof(RedisStore), operation, fault, message, innerException, mayHaveWritten);

    /// <summary>Whether a command was certainly not done: the client had no connection or did not send it, or the server refused it before its first
    /// write. A script that fails on its way keeps what it has written by then.</summary>
    public static bool WasNotDone(Exception exception, IConnectionMultiplexer? multiplexer) => exception switch
    {
        _ when multiplexer is null => true,
        RedisServerException server => CodeOf(server) is not "ERR" && OfReply(server).Fault is not SessionStoreFault.Failed,
        RedisConnectionException connection => connection.CommandStatus is CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog
            || connection.FailureType is ConnectionFailureType.UnableToResolvePhysicalConnection or ConnectionFailureType.UnableToConnect or ConnectionFailureType.AuthenticationFailure,
        RedisCommandException => true,
        _ => false,
    };

    private static (SessionStoreFault Fault, string Message) OfReply(RedisServerException exception) => CodeOf(exception) switch
    {
        "WRONGTYPE" => (SessionStoreFault.Unreadable, UnreadableRecord),
        "READONLY" => TakesNoWrites("it is a replica. Connect to the primary, or name all servers in the configuration"),
        "OOM" => TakesNoWrites("it has reached its maxmemory. Raise the limit, or remove data"),
        "MISCONF" => TakesNoWrites("it cannot save to its disk. Its log says why"),
        "NOREPLICAS" => TakesNoWrites("it has fewer replicas than its min-replicas-to-write. Bring replicas back, or lower the number"),
        "NOAUTH" or "WRONGPASS" => Refuses(Login),
        "NOPERM" => Refuses(Rights),

        // Of Redis before 7.2, and of later ones and Valkey.
        _ when exception.Message.Contains("The user executing the script", StringComparison.Ordinal)
            || exception.Message.Contains("ACL failure in script", StringComparison.Ordinal) => Refuses(Rights),
        "LOADING" or "CLUSTERDOWN" or "MASTERDOWN" or "TRYAGAIN" or "BUSY" =>
            (SessionStoreFault.Unavailable, $"The Redis server is not ready ({CodeOf(exception)}). Try again later."),
        _ when exception.Message.Contains("Unknown Redis command", StringComparison.OrdinalIgnoreCase) =>
            (SessionStoreFault.Misconfigured, "The Redis server does not know a command that the store needs. Use Redis 7.0 or later."),
        var code => (SessionStoreFault.Failed, $"The Redis server returned an error ({code})."),
    };

    private static (SessionStoreFault Fault, string Message) OfConnection(RedisConnectionException exception, IConnectionMultiplexer? multiplexer) =>
        multiplexer is not null && MissesPrimary(exception, multiplexer)
            ? TakesNoWrites("every connected server is a replica. Connect to the primary, or name all servers in the configuration")
            : Unreachable();

    /// <summary>What a connection was refused for; null when it failed otherwise.</summary>
    private static (SessionStoreFault Fault, string Message)? OfRefusal(Exception? exception)
    {
        var isRefused = false;
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is InvalidCredentialException)
                return Refuses($"{nameof(RedisStoreOptions)}.{nameof(RedisStoreOptions.Credentials)} failed ({cause.InnerException?.GetType().Name})");
            if (cause is AuthenticationException)
                return (SessionStoreFault.Misconfigured, $"The TLS connection to the Redis server failed: {cause.Message}");
            if (cause.Message.Contains("NOPERM", StringComparison.Ordinal))
                return Refuses(Rights);

            isRefused |= cause is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }
                || cause.Message.Contains("NOAUTH", StringComparison.Ordinal) || cause.Message.Contains("WRONGPASS", StringComparison.Ordinal);
        }

        return isRefused ? Refuses(Login) : null;
    }

    private static (SessionStoreFault Fault, string Message) Unreachable() =>
        (SessionStoreFault.Unavailable, "The Redis server cannot be reached, or dropped the connection.");

    private static (SessionStoreFault Fault, string Message) TakesNoWrites(string why) =>
        (SessionStoreFault.ReadOnly, $"The Redis server takes no writes: {why}.");

    private static (SessionStoreFault Fault, string Message) Refuses(string needed) =>
        (SessionStoreFault.Refused, $"The Redis server refuses the credentials or a right: {needed}.");

    /// <summary>Commands go to a primary only. When servers are connected all the same, they are replicas, or primaries that have stepped
    /// down; the client may learn that between choosing the server and sending the command.</summary>
    private static bool MissesPrimary(RedisConnectionException exception, IConnectionMultiplexer multiplexer) =>
        (exception.FailureType == ConnectionFailureType.UnableToResolvePhysicalConnection || exception.InnerException is RedisCommandException)
        && HasReplicasOnly(multiplexer);

    private static bool HasReplicasOnly(IConnectionMultiplexer multiplexer)
    {
        var isConnected = false;
        foreach (var endPoint in multiplexer.GetEndPoints())
        {
            var server = multiplexer.GetServer(endPoint);
            if (server.IsConnected && (!server.IsReplica || server.ServerType == ServerType.Cluster))
                return false;

            isConnected |= server.IsConnected;
        }

        return isConnected;
    }

    /// <summary>The first word of an error is its code, in capital letters; an error of a script may begin with other text.</summary>
    private static string CodeOf(RedisServerException exception)
    {
        var end = exception.Message.AsSpan().IndexOfAnyExceptInRange('A', 'Z');
        return end > 1 ? exception.Message[..end] : "ERR";
    }

    private static bool Names(Exception exception, RedisKey[] keys)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            foreach (var key in keys)
            {
                if (cause.Message.Contains(key.ToString(), StringComparison.Ordinal))
                    return true;
            }
        }

        return false;
    }
}
