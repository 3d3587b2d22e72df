using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <remarks>Commands that are no script. Each of those that write does either all that was asked, or nothing, and says which.</remarks>
internal sealed partial class RedisConnection
{
    private volatile bool _lacksCompareAndSet;

    /// <summary>Runs a command that may run twice.</summary>
    public ValueTask<RedisResult> ExecuteAsync(string operation, string command, object[] arguments, CancellationToken cancellationToken) =>
        CallAsync(
            operation, (command, arguments), static (database, call, way) => database.ExecuteAsync(call.command, call.arguments, FlagsOf(way)),
            static call => [.. call.arguments.OfType<RedisKey>()], Call.MayRunTwice, cancellationToken);

    /// <summary>Reads a value and its expiry by commands that are sent together, in one round trip.</summary>
    /// <remarks>
    /// Commands of other clients, and other calls of this store, may run between the four. The two expiries enclose the value and the remaining
    /// life: where they are the same, all of it was there at one time, since a write in between leaves another expiry behind. Where they differ
    /// the caller reads by a script. Only two writes in between, the second with the expiry of before the first, are not noticed; then the value
    /// is the one between them, which no later write can be based on. Whether the session is live is decided last, by the clock of the server.
    /// </remarks>
    /// <param name="operation">The operation, for exceptions.</param>
    /// <param name="key">The key.</param>
    /// <param name="maxBytes">The largest value; of a larger one a byte more is read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="begun">The start of the call; null for now.</param>
    public ValueTask<RedisReading> ReadAsync(string operation, RedisKey key, long maxBytes, CancellationToken cancellationToken, long? begun = null) =>
        CallAsync(
            operation, (key, maxBytes), static (database, call, way) => SendReadAsync(database, call.key, call.maxBytes, FlagsOf(way)), static call => [call.key], Call.MayRunTwice,
            cancellationToken, begun);

    /// <summary>Replaces a record whose subject stays: by one command where the server can compare and set (Valkey 8.1, Redis 8.4) and the
    /// lifetime is one number, otherwise by a script, which changes that wait
    /// at the same time share. The script also says what there is where the command found another value, or none.</summary>
    /// <remarks>A server without the command replies that its syntax is wrong, and has done nothing. It is asked again when a connection is
    /// restored, which may lead to another server.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SessionWriteStatus> ReplaceAsync(RedisWrite write, RedisKey key, CancellationToken cancellationToken)
    {
        if (!_lacksCompareAndSet && (write.Lifetime.Idle is null || write.Lifetime.End is null))
        {
            try
            {
                if (await CallAsync(write.Operation, (write, key), static (database, call, way) => SendSetAsync(database, call.key, call.write, FlagsOf(way)), static call => [call.key], Call.Writes | Call.MayBeUnknown, cancellationToken).ConfigureAwait(false))
                    return SessionWriteStatus.Written;
            }
            catch (RedisServerException exception) when (RedisFaults.IsSyntaxError(exception))
            {
                _lacksCompareAndSet = true;
            }
        }

        return _changes is { } changes && CanShare && write.Stored.Length <= LargestShared
            ? await changes.RunAsync(write.Operation, (write, key), (Connection: this, write, key),
                static (call, reply, started, token) => reply.IsKnown ? new(SessionWriteStatus.Written) : call.Connection.ReplaceByScriptAsync(call.write, call.key, started, token),
                cancellationToken).ConfigureAwait(false)
            : await ReplaceByScriptAsync(write, key, null, cancellationToken).ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<SessionWriteStatus> ReplaceByScriptAsync(RedisWrite write, RedisKey key, long? begun, CancellationToken cancellationToken)
    {
        var values = RedisCommands.ReplaceArguments(write.Stored, write.Expected, write.Lifetime);
        return RedisCommands.StatusOf(await EvaluateAsync(write.Operation, RedisCommands.Replace, [key], values, cancellationToken, writes: true, begun).ConfigureAwait(false));
    }

    /// <summary>Extends a key that would expire earlier.</summary>
    /// <returns>Whether that was done. If not, it expires no earlier, or is not there.</returns>
    public async ValueTask<bool> TryExtendAsync(string operation, RedisKey key, SessionLifetime lifetime, CancellationToken cancellationToken) =>
        (bool)await CallAsync(
            operation, (key, lifetime), static (database, call, way) => call.lifetime.End is null
                ? database.ExecuteAsync("PEXPIRE", [call.key, RedisCommands.IdleOf(call.lifetime), "GT"], FlagsOf(way))
                : database.ExecuteAsync("PEXPIREAT", [call.key, RedisCommands.EndOf(call.lifetime), "GT"], FlagsOf(way)),
            static call => [call.key], Call.Writes, cancellationToken).ConfigureAwait(false);

    private static async Task<RedisReading> SendReadAsync(IDatabase database, RedisKey key, long maxBytes, CommandFlags flags)
    {
        object[] arguments = [key];
        var before = database.ExecuteAsync("PEXPIRETIME", arguments, flags);
        var value = database.StringGetRangeAsync(key, 0, maxBytes, flags);
        var left = database.ExecuteAsync("PTTL", arguments, flags);
        var after = database.ExecuteAsync("PEXPIRETIME", arguments, flags);
        try
        {
            // Replies arrive in the order of the commands, so that only the first of these waits.
            var expiry = (long)await after.ConfigureAwait(false);
            return new RedisReading(await value.ConfigureAwait(false), expiry, (long)await left.ConfigureAwait(false), (long)await before.ConfigureAwait(false) == expiry);
        }
        catch
        {
            // No exception of the others may surface as an unobserved one.
            await Task.WhenAll(before, value, left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private static Task<bool> SendSetAsync(IDatabase database, RedisKey key, in RedisWrite write, CommandFlags flags)
    {
        Expiration expiry = write.Lifetime switch
        {
            { Idle: { } idle } => new(idle),
            { End: { } end } => new(end.UtcDateTime),
            _ => default,
        };
        return database.StringSetAsync(key, write.Stored, expiry, ValueCondition.Equal(write.Expected), flags);
    }

    private void LookForCompareAndSet(object? sender, ConnectionFailedEventArgs restored) => _lacksCompareAndSet = false;
}

/// <summary>What was read of a record.</summary>
/// <param name="Value">The stored bytes; empty without a record.</param>
/// <param name="Expiry">The expiry as of PEXPIRETIME: -1 for never, -2 without a record.</param>
/// <param name="Left">The remaining life as of PTTL.</param>
/// <param name="IsWhole">Whether all of it was there at one time.</param>
internal readonly record struct RedisReading(ReadOnlyMemory<byte> Value, long Expiry, long Left, bool IsWhole)
{
    /// <summary>Whether there is a live key, which expires at the end of its last millisecond for the server, and at its beginning for the contract.</summary>
    public bool IsLive => Expiry != -2 && Left is not (-2 or 0);
}
