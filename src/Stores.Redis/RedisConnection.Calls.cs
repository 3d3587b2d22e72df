using System.Diagnostics;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <remarks>How a call is sent, and sent again.</remarks>
internal sealed partial class RedisConnection
{
    /// <summary>What is known of a call that may have to be sent again.</summary>
    [Flags]
    private enum Call
    {
        MayRunTwice = 0,

        /// <summary>It must not run twice.</summary>
        Writes = 1,

        /// <summary>It reads, and extends what it reads where the server takes writes.</summary>
        Slides = 2,

        /// <summary>The server may not know its syntax, which is left to the caller.</summary>
        MayBeUnknown = 4,
    }

    /// <summary>The way in which a call is sent.</summary>
    [Flags]
    private enum Way
    {
        Usual = 0,

        /// <summary>A script is sent as text, which the server need not know.</summary>
        Text = 1,

        /// <summary>Nothing is extended.</summary>
        ReadsOnly = 2,

        /// <summary>To whatever server there is, also if it is a replica.</summary>
        AnyServer = 4,
    }

    /// <summary>Runs a script on the node that owns its first key; has it loaded where the server does not know it, or no longer.</summary>
    public ValueTask<RedisResult> EvaluateAsync(
        string operation, RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken, bool writes = false, long? begun = null)
    {
        if (_expiring is not null && script.Keeping is { } keeping && (writes || values.Length > 0))
            (script, keys) = (keeping, [.. keys, .. _expiring]);

        return CallAsync(
            operation, (script, keys, values), static (database, call, way) => SendScriptAsync(database, call.script, call.keys, call.values, way), static call => call.keys,
            (writes ? Call.Writes : Call.MayRunTwice) | (script.IsRead && values.Length > 0 ? Call.Slides : 0), cancellationToken, begun);
    }

    private static CommandFlags FlagsOf(Way way) => way.HasFlag(Way.AnyServer) ? CommandFlags.None : Flags;

    private static Task<RedisResult> SendScriptAsync(IDatabase database, RedisScript script, RedisKey[] keys, RedisValue[] values, Way way)
    {
        if (script.IsRead && way.HasFlag(Way.ReadsOnly))
            values = [];

        return way.HasFlag(Way.Text)
            ? database.ScriptEvaluateAsync(script.Text, keys, values, FlagsOf(way) | CommandFlags.NoScriptCache)
            : database.ScriptEvaluateAsync(script.Digest, keys, values, FlagsOf(way));
    }

    /// <summary>Sends a call, and again where that is right: in another way, or once there is another connection.</summary>
    /// <param name="operation">The operation, for exceptions.</param>
    /// <param name="call">What <paramref name="send"/> needs, so that it captures nothing.</param>
    /// <param name="send">Sends the call.</param>
    /// <param name="keys">The keys of the call, for exceptions.</param>
    /// <param name="kind">What is known of the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="begun">The start of the call; null for now.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> CallAsync<TCall, T>(
        string operation, TCall call, Func<IDatabase, TCall, Way, Task<T>> send, Func<TCall, RedisKey[]> keys, Call kind, CancellationToken cancellationToken, long? begun = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var started = begun ?? _deadline.Start();
        var writes = kind.HasFlag(Call.Writes);
        try
        {
            var database = _database ?? await ConnectAsync(started, cancellationToken).ConfigureAwait(false);
            var way = Way.Usual;
            long? lost = null;
            while (true)
            {
                try
                {
                    var reply = send(database, call, way);
                    return await _deadline.WaitAsync(writes ? Confirmed(operation, database, reply) : reply, started, cancellationToken).ConfigureAwait(false);
                }
                catch (RedisServerException exception) when (!way.HasFlag(Way.Text) && RedisFaults.IsScriptMissing(exception))
                {
                    way |= Way.Text;
                }
                catch (RedisServerException exception) when (kind.HasFlag(Call.Slides) && !way.HasFlag(Way.ReadsOnly) && RedisFaults.TakesNoWrites(exception))
                {
                    // Where nothing can be extended, the record is read as it is.
                    LookForPrimary();
                    way |= Way.Text | Way.ReadsOnly;
                }
                catch (RedisConnectionException exception) when (!writes && !way.HasFlag(Way.AnyServer) && RedisFaults.IsOnlyServerAReplica(exception, _multiplexer))
                {
                    LookForPrimary();
                    way |= Way.Text | Way.ReadsOnly | Way.AnyServer;
                }
                catch (RedisConnectionException exception) when (MayRetry(exception, writes))
                {
                    var isAgain = lost is not null;
                    lost ??= Stopwatch.GetTimestamp();
                    if (!await IsReconnectedAsync(lost.Value, isAgain, started, cancellationToken).ConfigureAwait(false))
                        throw;

                    way |= Way.Text;
                }
            }
        }
        catch (Exception exception) when (RedisFaults.Describes(exception, cancellationToken))
        {
            if (kind.HasFlag(Call.MayBeUnknown) && exception is RedisServerException reply && RedisFaults.IsSyntaxError(reply))
                throw;

            throw Failed(operation, exception, keys(call));
        }
    }

    /// <summary>Whether a call that lost its connection may be sent again: nothing can have run, or it may run twice.</summary>
    private bool MayRetry(RedisConnectionException exception, bool writes) =>
        (!writes || exception.CommandStatus is CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog)
        && (exception.FailureType != ConnectionFailureType.UnableToResolvePhysicalConnection || _watch?.MayBeBackWithin(_reconnectTime) == true);

    /// <summary>Waits for another connection, which the client opens as soon as it notices that one has died.</summary>
    /// <param name="lost">When the call lost its first connection.</param>
    /// <param name="isAgain">Whether it has lost another one since.</param>
    /// <param name="started">When the call began.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    private async Task<bool> IsReconnectedAsync(long lost, bool isAgain, long started, CancellationToken cancellationToken)
    {
        for (var mustWait = isAgain; Stopwatch.GetElapsedTime(lost) < _reconnectTime && _deadline.Remaining(started) > TimeSpan.Zero; mustWait = true)
        {
            if (mustWait)
                await Task.Delay(ReconnectStep, cancellationToken).ConfigureAwait(false);

            if (_multiplexer is { IsConnected: true })
                return true;
        }

        return false;
    }
}
