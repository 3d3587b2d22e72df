using System.Globalization;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Translates exceptions of the client into those of the contract.</summary>
internal static class RedisFaults
{
    private const string UnreadableRecord = "The stored record is not a JSON object. It is left as it is.";

    public static bool IsScriptMissing(RedisServerException exception) => CodeOf(exception) == "NOSCRIPT";

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
    /// <param name="keys">The keys of the call. The client's texts may name them; such an exception is not passed on.</param>
    /// <param name="multiplexer">The connection, if there is one.</param>
    /// <param name="limit">The time that the call had.</param>
    public static SessionStoreException Translate(
        string operation, Exception exception, RedisKey[] keys, IConnectionMultiplexer? multiplexer, TimeSpan limit)
    {
        var (fault, message) = exception switch
        {
            TimeoutException when multiplexer is { IsConnected: false } => Unreachable(),
            TimeoutException => (SessionStoreFault.Timeout, $"The Redis server did not respond within {nameof(RedisStoreOptions.OperationTimeout)} ({limit:c})."),
            OperationCanceledException => Unreachable(),
            RedisServerException server => OfReply(server),
            RedisConnectionException connection => OfConnection(connection, multiplexer),
            _ => (SessionStoreFault.Failed, $"StackExchange.Redis could not carry out the command ({exception.GetType().Name})."),
        };

        return Create(operation, fault, message, Names(exception, keys) ? null : exception);
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

    public static SessionStoreException ScanInterrupted(string operation) => Create(
        operation, SessionStoreFault.Unavailable, "Another Redis server took over while the keys were listed. Start the call again.");

    public static SessionStoreException TooFewReplicas(string operation, long replicas, RedisStoreOptions options) => Create(
        operation, SessionStoreFault.Unavailable, string.Create(CultureInfo.InvariantCulture,
            $"The write reached {replicas} replicas within {nameof(options.ReplicaTimeout)} ({options.ReplicaTimeout:c}), but {nameof(options.MinReplicas)} is {options.MinReplicas}."));

    public static SessionStoreException ReplicasOnCluster(string operation, RedisStoreOptions options) => Create(
        operation, SessionStoreFault.Misconfigured, string.Create(CultureInfo.InvariantCulture,
            $"{nameof(RedisStoreOptions)}.{nameof(options.MinReplicas)} must be 0 on Redis Cluster, but is {options.MinReplicas}. Use min-replicas-to-write of the servers there."));

    private static SessionStoreException Create(string operation, SessionStoreFault fault, string message, Exception? innerException = null) =>
        new(nameof(RedisStore), operation, fault, message, innerException);

    private static (SessionStoreFault Fault, string Message) OfReply(RedisServerException exception) => CodeOf(exception) switch
    {
        "WRONGTYPE" => (SessionStoreFault.Unreadable, UnreadableRecord),
        "READONLY" => TakesNoWrites("it is a replica. Connect to the primary, or name all servers in the configuration"),
        "OOM" => TakesNoWrites("it has reached its maxmemory. Raise the limit, or remove data"),
        "MISCONF" => TakesNoWrites("it cannot save to its disk. Its log says why"),
        "NOREPLICAS" => TakesNoWrites("it has fewer replicas than its min-replicas-to-write. Bring replicas back, or lower the number"),
        "NOAUTH" or "WRONGPASS" => Refuses("a valid user and password are needed"),
        "NOPERM" => Refuses("the user needs the commands and keys that the README of SessionStores.Redis lists"),
        "LOADING" or "CLUSTERDOWN" or "MASTERDOWN" or "TRYAGAIN" or "BUSY" =>
            (SessionStoreFault.Unavailable, $"The Redis server is not ready ({CodeOf(exception)}). Try again later."),
        _ when exception.Message.Contains("Unknown Redis command", StringComparison.OrdinalIgnoreCase) =>
            (SessionStoreFault.Misconfigured, "The Redis server does not know a command that the store needs. Use Redis 7.0 or later."),
        var code => (SessionStoreFault.Failed, $"The Redis server returned an error ({code})."),
    };

    private static (SessionStoreFault Fault, string Message) OfConnection(RedisConnectionException exception, IConnectionMultiplexer? multiplexer)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } || IsRefusal(cause.Message))
                return Refuses("a valid user and password are needed");
        }

        return multiplexer is not null && MissesPrimary(exception, multiplexer)
            ? TakesNoWrites("every connected server is a replica. Connect to the primary, or name all servers in the configuration")
            : Unreachable();
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
            if (server.IsConnected && server.ServerType == ServerType.Cluster)
                return false;

            isConnected |= server.IsConnected;
        }

        return isConnected;
    }

    private static bool IsRefusal(string message) =>
        message.StartsWith("NOAUTH", StringComparison.Ordinal) || message.StartsWith("WRONGPASS", StringComparison.Ordinal) || message.StartsWith("NOPERM", StringComparison.Ordinal);

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
