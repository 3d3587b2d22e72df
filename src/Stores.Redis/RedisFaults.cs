using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Says what an exception of the client means to a caller of the store.</summary>
internal static class RedisFaults
{
    public static bool IsScriptMissing(RedisServerException exception) => Is(exception, "NOSCRIPT");

    /// <summary>Whether it is one of the client's exceptions, or the time was up. The client cancels what it had sent when it gives a
    /// connection up.</summary>
    public static bool Describes(Exception exception, CancellationToken cancellationToken) =>
        exception is RedisException or RedisCommandException or TimeoutException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>Whether a call failed because the one server that the client knows is a replica now. What it holds can still be read: there is
    /// no other server to which this store could have written meanwhile.</summary>
    public static bool IsOnlyServerAReplica(RedisConnectionException exception, IConnectionMultiplexer? multiplexer) =>
        multiplexer is not null && multiplexer.GetEndPoints().Length == 1 && MissesPrimary(exception, multiplexer);

    /// <summary>Makes the exception of the contract. Texts of the client may name keys; such an exception is not passed on.</summary>
    public static SessionStoreException Translate(string operation, Exception exception, RedisKey[] keys, IConnectionMultiplexer? multiplexer)
    {
        var (fault, message) = exception switch
        {
            TimeoutException when multiplexer is { IsConnected: false } => (SessionStoreFault.Unavailable, "the server cannot be reached."),
            TimeoutException => (SessionStoreFault.Timeout, "the server did not answer in time."),
            OperationCanceledException => (SessionStoreFault.Unavailable, "the connection was given up."),
            RedisServerException server => OfAnswer(server),
            RedisConnectionException connection => OfConnection(connection, multiplexer),
            _ => (SessionStoreFault.Failed, "the client could not carry out the command."),
        };

        return new SessionStoreException(nameof(RedisStore), operation, fault, message, Names(exception, keys) ? null : exception);
    }

    private static (SessionStoreFault Fault, string Message) OfAnswer(RedisServerException exception)
    {
        if (Is(exception, "WRONGTYPE"))
            return (SessionStoreFault.Unreadable, "the key holds another type than a string. It is left as it is.");

        if (Is(exception, "READONLY"))
            return (SessionStoreFault.ReadOnly, "the server is a replica and takes no writes.");

        if (Is(exception, "OOM"))
            return (SessionStoreFault.ReadOnly, "the server has reached its maxmemory and takes no writes.");

        if (Is(exception, "MISCONF"))
            return (SessionStoreFault.ReadOnly, "the server cannot save to its disk and takes no writes.");

        if (Is(exception, "NOREPLICAS"))
            return (SessionStoreFault.ReadOnly, "the server has too few replicas and takes no writes.");

        if (IsRefusal(exception))
            return (SessionStoreFault.Refused, "the server refuses the credentials or the command.");

        if (Is(exception, "LOADING") || Is(exception, "CLUSTERDOWN") || Is(exception, "MASTERDOWN") || Is(exception, "TRYAGAIN") || Is(exception, "BUSY"))
            return (SessionStoreFault.Unavailable, "the server is not ready.");

        return exception.Message.Contains("Unknown Redis command", StringComparison.OrdinalIgnoreCase)
            ? (SessionStoreFault.Misconfigured, "the server does not know a command. Redis 7.0 or later is required.")
            : (SessionStoreFault.Failed, "the server answered with an error.");
    }

    private static (SessionStoreFault Fault, string Message) OfConnection(RedisConnectionException exception, IConnectionMultiplexer? multiplexer)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } || IsRefusal(cause))
                return (SessionStoreFault.Refused, "the server refuses the credentials.");
        }

        if (multiplexer is not null && MissesPrimary(exception, multiplexer))
            return (SessionStoreFault.ReadOnly, "no connected server takes writes.");

        return (SessionStoreFault.Unavailable, "the server cannot be reached.");
    }

    /// <summary>Only a primary is asked. When servers are connected all the same, they are replicas, or primaries that have stepped down; the
    /// client may learn that between choosing the server and sending the command.</summary>
    private static bool MissesPrimary(RedisConnectionException exception, IConnectionMultiplexer multiplexer) =>
        (exception.FailureType == ConnectionFailureType.UnableToResolvePhysicalConnection || exception.InnerException is RedisCommandException)
        && HasReplicasOnly(multiplexer);

    private static bool HasReplicasOnly(IConnectionMultiplexer multiplexer)
    {
        var answers = false;
        foreach (var endPoint in multiplexer.GetEndPoints())
        {
            var server = multiplexer.GetServer(endPoint);
            if (server.IsConnected && server.ServerType == ServerType.Cluster)
                return false;

            answers |= server.IsConnected;
        }

        return answers;
    }

    private static bool IsRefusal(Exception exception) => Is(exception, "NOAUTH") || Is(exception, "WRONGPASS") || Is(exception, "NOPERM");

    private static bool Is(Exception exception, string code) => exception.Message.StartsWith(code, StringComparison.Ordinal);

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
