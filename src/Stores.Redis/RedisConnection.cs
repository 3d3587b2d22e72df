using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Reaches the server: connects when first needed, ends every call in time, and translates and logs what fails.</summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private const CommandFlags Flags = CommandFlags.DemandMaster;

    private readonly Func<Task<IConnectionMultiplexer>> _connect;
    private readonly bool _isOwned;
    private readonly RedisStoreOptions _options;
    private readonly ILogger _logger;
    private readonly Deadline _deadline;
    private readonly object[]? _wait;
    private readonly Lock _gate = new();
    private Task<IConnectionMultiplexer>? _connecting;
    private IConnectionMultiplexer? _multiplexer;
    private IDatabase? _database;
    private int _isLooking;
    private bool _isDisposed;

    private RedisConnection(Func<Task<IConnectionMultiplexer>> connect, bool isOwned, RedisStoreOptions options, ILogger logger)
    {
        _connect = connect;
        _isOwned = isOwned;
        _options = options;
        _logger = logger;
        _deadline = new Deadline(options.OperationTimeout, exception => Log.CancellationFailed(logger, exception));
        if (options.MinReplicas > 0)
        {
            _wait =
            [
                options.MinReplicas.ToString(CultureInfo.InvariantCulture),
                Math.Ceiling(options.ReplicaTimeout.TotalMilliseconds).ToString("F0", CultureInfo.InvariantCulture),
            ];
        }
    }

    /// <summary>A connection of the store, which is disposed with this object.</summary>
    public static RedisConnection OfStore(ConfigurationOptions configuration, RedisStoreOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(configuration);

        var own = configuration.Clone();
        var limit = (int)options.OperationTimeout.TotalMilliseconds;
        own.AbortOnConnectFail = false;
        own.ConnectTimeout = Math.Min(own.ConnectTimeout, limit);
        own.SyncTimeout = limit;
        own.IncludeDetailInExceptions = false;

        // A write that waits for a connection would be carried out after its caller was told that it failed.
        if (own.BacklogPolicy == BacklogPolicy.Default)
            own.BacklogPolicy = BacklogPolicy.FailFast;
        return new RedisConnection(async () => await ConnectionMultiplexer.ConnectAsync(own).ConfigureAwait(false), isOwned: true, options, logger);
    }

    /// <summary>The connection of the application, which is not disposed here.</summary>
    public static RedisConnection OfApplication(IConnectionMultiplexer multiplexer, RedisStoreOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(multiplexer);

        return new RedisConnection(() => Task.FromResult(multiplexer), isOwned: false, options, logger);
    }

    /// <summary>Runs a script on the node that owns its first key; has it loaded where the server does not know it, or no longer.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RedisResult> EvaluateAsync(
        string operation, RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken, bool writes = false)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var started = _deadline.Start();
        try
        {
            var database = _database ?? await ConnectAsync(started, cancellationToken).ConfigureAwait(false);
            try
            {
                var reply = database.ScriptEvaluateAsync(script.Digest, keys, values, Flags);
                return await _deadline.WaitAsync(writes ? Confirmed(operation, database, reply) : reply, started, cancellationToken).ConfigureAwait(false);
            }
            catch (RedisServerException exception) when (RedisFaults.IsScriptMissing(exception))
            {
                var reply = database.ScriptEvaluateAsync(script.Text, keys, values, Flags | CommandFlags.NoScriptCache);
                return await _deadline.WaitAsync(writes ? Confirmed(operation, database, reply) : reply, started, cancellationToken).ConfigureAwait(false);
            }
            catch (RedisConnectionException exception) when (!writes && RedisFaults.IsOnlyServerAReplica(exception, _multiplexer))
            {
                var reply = database.ScriptEvaluateAsync(script.Text, keys, values, CommandFlags.NoScriptCache);
                return await _deadline.WaitAsync(reply, started, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (RedisFaults.Describes(exception, cancellationToken))
        {
            throw Failed(operation, exception, keys);
        }
    }

    /// <summary>Runs a command that is not a script.</summary>
    public async ValueTask<RedisResult> ExecuteAsync(string operation, string command, object[] arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var started = _deadline.Start();
        try
        {
            var database = _database ?? await ConnectAsync(started, cancellationToken).ConfigureAwait(false);
            return await _deadline.WaitAsync(database.ExecuteAsync(command, arguments, Flags), started, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisFaults.Describes(exception, cancellationToken))
        {
            throw Failed(operation, exception, [.. arguments.OfType<RedisKey>()]);
        }
    }

    /// <summary>Whether the server is a Redis Cluster; null while none of its nodes is connected.</summary>
    public async ValueTask<bool?> IsClusterAsync(string operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await ConnectAsync(_deadline.Start(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisFaults.Describes(exception, cancellationToken))
        {
            throw Failed(operation, exception, []);
        }

        foreach (var endPoint in _multiplexer!.GetEndPoints())
        {
            var server = _multiplexer.GetServer(endPoint);
            if (server.IsConnected)
                return server.ServerType == ServerType.Cluster;
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        Task<IConnectionMultiplexer>? connecting;
        lock (_gate)
        {
            if (_isDisposed)
                return;

            _isDisposed = true;
            connecting = _connecting;
            _database = null;
        }

        if (!_isOwned || connecting is null)
            return;

        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
            (await connecting.ConfigureAwait(false)).Dispose();
    }

    private SessionStoreException Failed(string operation, Exception exception, RedisKey[] keys)
    {
        var translated = RedisFaults.Translate(operation, exception, keys, _multiplexer, _options.OperationTimeout);
        if (_multiplexer is { IsConnected: true } && translated.Fault is SessionStoreFault.ReadOnly or SessionStoreFault.Unavailable && Interlocked.Exchange(ref _isLooking, 1) == 0)
            _ = LookForPrimaryAsync();

        // An unreadable record is a matter of the record, and whether it is reported is one of the caller.
        if (translated.Fault != SessionStoreFault.Unreadable)
            Log.OperationFailed(_logger, operation, translated.Fault, RedisFaults.CodeOf(exception));

        return translated;
    }

    /// <summary>Has the client ask its servers for their roles. By itself it does so once a minute, which is long after a failover.
    /// Without any connection there is no server to ask, and asking would only break off the client's own attempts to connect.</summary>
    private async Task LookForPrimaryAsync()
    {
        await ((Task)_multiplexer!.ConfigureAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Volatile.Write(ref _isLooking, 0);
    }

    /// <summary>A write that has been sent, which succeeds once enough replicas have it.</summary>
    private Task<RedisResult> Confirmed(string operation, IDatabase database, Task<RedisResult> write) =>
        _wait is null ? write : ReachReplicasAsync(operation, database, write);

    /// <summary>Sends WAIT right behind a write that has been sent, so that both take the same connection: WAIT counts the writes of its
    /// own connection.</summary>
    private async Task<RedisResult> ReachReplicasAsync(string operation, IDatabase database, Task<RedisResult> write)
    {
        var reached = database.ExecuteAsync("WAIT", _wait!, Flags);
        var result = await write.ConfigureAwait(false);
        var replicas = (long)await reached.ConfigureAwait(false);
        if (replicas >= _options.MinReplicas)
            return result;

        Log.OperationFailed(_logger, operation, SessionStoreFault.Unavailable, nameof(RedisStoreOptions.MinReplicas));
        throw RedisFaults.TooFewReplicas(operation, replicas, _options);
    }

    private async Task<IDatabase> ConnectAsync(long started, CancellationToken cancellationToken)
    {
        Task<IConnectionMultiplexer> connecting;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisStore));
            if (_connecting is null || _connecting.IsFaulted || _connecting.IsCanceled)
                _connecting = Task.Run(_connect, CancellationToken.None);

            connecting = _connecting;
        }

        var multiplexer = await _deadline.WaitAsync(connecting, started, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisStore));
            _multiplexer = multiplexer;
            return _database ??= multiplexer.GetDatabase(_options.Database);
        }
    }
}
