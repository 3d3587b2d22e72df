using System.Globalization;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Reaches the server: connects when first needed, ends every call in time, and turns what goes wrong into one exception.</summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private const CommandFlags Flags = CommandFlags.DemandMaster;

    private readonly Func<Task<IConnectionMultiplexer>> _connect;
    private readonly bool _owned;
    private readonly int _database;
    private readonly TimeSpan _timeout;
    private readonly object[]? _wait;
    private readonly int _minReplicas;
    private readonly Lock _gate = new();
    private Task<IConnectionMultiplexer>? _connecting;
    private IConnectionMultiplexer? _multiplexer;
    private IDatabase? _ready;
    private int _isCluster = -1;
    private int _looking;
    private bool _disposed;

    /// <param name="connect">Makes the connection; called again after it has failed.</param>
    /// <param name="owned">Whether the connection is disposed with this object.</param>
    /// <param name="options">Checked options.</param>
    public RedisConnection(Func<Task<IConnectionMultiplexer>> connect, bool owned, RedisStoreOptions options)
    {
        _connect = connect;
        _owned = owned;
        _database = options.Database;
        _timeout = options.OperationTimeout;
        _minReplicas = options.MinReplicas;
        if (_minReplicas > 0)
        {
            _wait =
            [
                _minReplicas.ToString(CultureInfo.InvariantCulture),
                Math.Ceiling(options.ReplicaTimeout.TotalMilliseconds).ToString("F0", CultureInfo.InvariantCulture),
            ];
        }
    }

    /// <summary>Runs a script on the node that owns its first key; has it loaded where the server does not know it (any more).</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RedisResult> EvaluateAsync(
        string operation, RedisScript script, RedisKey[] keys, RedisValue[]? values, CancellationToken cancellationToken, bool writes = false)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var started = Environment.TickCount64;
        try
        {
            var database = _ready ?? await ConnectAsync(cancellationToken).ConfigureAwait(false);
            var waits = writes && _wait is not null && !await IsClusterAsync(operation, cancellationToken).ConfigureAwait(false);
            try
            {
                var task = database.ScriptEvaluateAsync(script.Digest, keys, values, Flags);
                if (waits)
                    task = ReachReplicasAsync(operation, database, task);

                return await task.WaitAsync(Remaining(started), cancellationToken).ConfigureAwait(false);
            }
            catch (RedisServerException exception) when (RedisFaults.IsScriptMissing(exception))
            {
                var task = database.ScriptEvaluateAsync(script.Text, keys, values, Flags | CommandFlags.NoScriptCache);
                if (waits)
                    task = ReachReplicasAsync(operation, database, task);

                return await task.WaitAsync(Remaining(started), cancellationToken).ConfigureAwait(false);
            }
            catch (RedisConnectionException exception) when (!writes && RedisFaults.IsOnlyServerAReplica(exception, _multiplexer))
            {
                return await database.ScriptEvaluateAsync(script.Text, keys, values, CommandFlags.NoScriptCache)
                    .WaitAsync(Remaining(started), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (RedisFaults.Describes(exception, cancellationToken))
        {
            throw Translate(operation, exception, keys);
        }
    }

    /// <summary>Runs a command that is not a script.</summary>
    public async ValueTask<T> ExecuteAsync<T>(string operation, Func<IDatabase, Task<T>> command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var started = Environment.TickCount64;
        try
        {
            var database = _ready ?? await ConnectAsync(cancellationToken).ConfigureAwait(false);
            return await command(database).WaitAsync(Remaining(started), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisFaults.Describes(exception, cancellationToken))
        {
            throw Translate(operation, exception, []);
        }
    }

    /// <summary>Whether the server is a Redis Cluster. Known for good once any of its nodes has been connected.</summary>
    public async ValueTask<bool> IsClusterAsync(string operation, CancellationToken cancellationToken)
    {
        if (_isCluster == 0 || (_isCluster == 1 && _wait is null))
            return _isCluster == 1;

        await ExecuteAsync(operation, static database => Task.FromResult(database), cancellationToken).ConfigureAwait(false);
        foreach (var endPoint in _multiplexer!.GetEndPoints())
        {
            var server = _multiplexer.GetServer(endPoint);
            if (server.IsConnected)
            {
                _isCluster = server.ServerType == ServerType.Cluster ? 1 : 0;
                break;
            }
        }

        if (_isCluster == 1 && _wait is not null)
        {
            throw new SessionStoreException(nameof(RedisStore), operation, SessionStoreFault.Misconfigured,
                $"{nameof(RedisStoreOptions)}.{nameof(RedisStoreOptions.MinReplicas)} must be 0 on Redis Cluster. Use min-replicas-to-write of the servers there.");
        }

        return _isCluster == 1;
    }

    public async ValueTask DisposeAsync()
    {
        Task<IConnectionMultiplexer>? connecting;
        lock (_gate)
        {
            if (_disposed)
                return;

            _disposed = true;
            connecting = _connecting;
            _ready = null;
        }

        if (!_owned || connecting is null)
            return;

        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
            (await connecting.ConfigureAwait(false)).Dispose();
    }

    private SessionStoreException Translate(string operation, Exception exception, RedisKey[] keys)
    {
        var translated = RedisFaults.Translate(operation, exception, keys, _multiplexer);
        if (_multiplexer is { IsConnected: true } && translated.Fault is SessionStoreFault.ReadOnly or SessionStoreFault.Unavailable && Interlocked.Exchange(ref _looking, 1) == 0)
            _ = LookForPrimaryAsync();

        return translated;
    }

    /// <summary>Has the client ask its servers for their roles. By itself it does so once a minute, which is long after a failover.
    /// Without any connection there is nobody to ask, and asking would only break off the client's own attempts to connect.</summary>
    private async Task LookForPrimaryAsync()
    {
        await ((Task)_multiplexer!.ConfigureAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Volatile.Write(ref _looking, 0);
    }

    private TimeSpan Remaining(long started)
    {
        var remaining = _timeout - TimeSpan.FromMilliseconds(Environment.TickCount64 - started);
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }

    /// <summary>Sends WAIT right behind a write that has been sent, so that both take the same connection: WAIT counts the writes of its
    /// own connection.</summary>
    private async Task<RedisResult> ReachReplicasAsync(string operation, IDatabase database, Task<RedisResult> write)
    {
        var reached = database.ExecuteAsync("WAIT", _wait!, Flags);
        var result = await write.ConfigureAwait(false);
        var replicas = (long)await reached.ConfigureAwait(false);
        if (replicas >= _minReplicas)
            return result;

        throw new SessionStoreException(nameof(RedisStore), operation, SessionStoreFault.Unavailable, string.Create(CultureInfo.InvariantCulture,
            $"the write reached {replicas} replicas within {nameof(RedisStoreOptions.ReplicaTimeout)}, but {nameof(RedisStoreOptions.MinReplicas)} is {_minReplicas}."));
    }

    private async Task<IDatabase> ConnectAsync(CancellationToken cancellationToken)
    {
        Task<IConnectionMultiplexer> connecting;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(RedisStore));
            if (_connecting is null || _connecting.IsFaulted || _connecting.IsCanceled)
                _connecting = Task.Run(_connect, CancellationToken.None);

            connecting = _connecting;
        }

        var multiplexer = await connecting.WaitAsync(_timeout, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(RedisStore));
            _multiplexer = multiplexer;
            return _ready ??= multiplexer.GetDatabase(_database);
        }
    }
}
