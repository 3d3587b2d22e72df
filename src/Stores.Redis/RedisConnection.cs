using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Reaches the server: connects when first needed, ends every call in time, and translates and logs what fails.</summary>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    private const CommandFlags Flags = CommandFlags.DemandMaster;

    /// <summary>The least time between two looks for the primary.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ReconnectStep = TimeSpan.FromMilliseconds(10);

    private readonly Func<Task<IConnectionMultiplexer>> _connect;
    private readonly Func<string> _place;
    private readonly ConnectionWatch? _watch;
    private readonly RedisStoreOptions _options;
    private readonly ILogger _logger;
    private readonly Deadline _deadline;

    /// <summary>How long a call that lost its connection waits for the next one.</summary>
    private readonly TimeSpan _reconnectTime;
    private readonly object[]? _wait;

    /// <summary>The keys of the copies of records; null where none are kept.</summary>
    private readonly RedisKey[]? _expiring;
    private readonly Lock _gate = new();
    private Task<IConnectionMultiplexer>? _connecting;
    private IConnectionMultiplexer? _multiplexer;
    private IDatabase? _database;
    private int _isLooking;
    private long _lookedAt;
    private volatile bool _isDisposed;

    /// <param name="connect">Connects.</param>
    /// <param name="place">Names the servers and the database.</param>
    /// <param name="watch">Watches a connection of the store's own; null for that of the application.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="logger">Logs failed calls.</param>
    private RedisConnection(Func<Task<IConnectionMultiplexer>> connect, Func<string> place, ConnectionWatch? watch, RedisStoreOptions options, ILogger logger)
    {
        _connect = connect;
        _place = place;
        _watch = watch;
        _options = options;
        _logger = logger;
        _reconnectTime = options.OperationTimeout / 5;
        _deadline = new Deadline(options.OperationTimeout, exception => Log.CancellationFailed(logger, exception));

        // Whether a write has reached enough replicas is asked for each, on the connection that it took.
        _changes = options.ShareRoundTrips && options.MinReplicas == 0 ? ShareChanges() : null;
        _expiring = options.KeepExpired ? RedisRecord.ExpiringKeysOf(options) : null;
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
        ThrowIfInvalid(configuration, options);

        var watch = new ConnectionWatch(configuration.LoggerFactory);
        var own = Configure(configuration, options, watch);
        return new RedisConnection(() => ConnectAsync(own, watch), () => PlaceOf(own, options), watch, options, logger);
    }

    /// <summary>The connection of the application, which is not disposed here.</summary>
    public static RedisConnection OfApplication(IConnectionMultiplexer multiplexer, RedisStoreOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(multiplexer);
        ThrowIfHasCredentials(options);

        return new RedisConnection(
            () => Task.FromResult(multiplexer), () => PlaceOf(multiplexer.GetEndPoints(), multiplexer.GetDatabase(options.Database).Database), watch: null, options, logger);
    }

    /// <summary>The servers and the database, without user and password.</summary>
    public string Place => _place();

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

        return IsCluster();
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

        _changes?.Dispose();

        if (_multiplexer is { } multiplexer)
            multiplexer.ConnectionRestored -= LookForCompareAndSet;

        if (_watch is null || connecting is null)
            return;

        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
            (await connecting.ConfigureAwait(false)).Dispose();
    }

    private bool? IsCluster()
    {
        foreach (var endPoint in _multiplexer?.GetEndPoints() ?? [])
        {
            var server = _multiplexer!.GetServer(endPoint);
            if (server.IsConnected)
                return server.ServerType == ServerType.Cluster;
        }

        return null;
    }

    private SessionStoreException Failed(string operation, Exception exception, RedisKey[]? keys)
    {
        var cause = _watch is null ? exception : _watch.Cause;
        var translated = RedisFaults.Translate(operation, exception, keys, _multiplexer, cause, _options.OperationTimeout);
        if (translated.Fault is SessionStoreFault.ReadOnly or SessionStoreFault.Unavailable)
            LookForPrimary();

        // An unreadable record is a matter of the record, and whether it is reported is one of the caller.
        if (translated.Fault != SessionStoreFault.Unreadable)
            Log.OperationFailed(_logger, operation, translated.Fault, RedisFaults.CodeOf(exception));

        return translated;
    }

    /// <summary>Has the client ask its servers for their roles. By itself it does so once a minute, which is long after a failover.
    /// Without any connection there is no server to ask, and asking would only break off the client's own attempts to connect.</summary>
    private void LookForPrimary()
    {
        if (_multiplexer is { IsConnected: true } && Stopwatch.GetElapsedTime(Volatile.Read(ref _lookedAt)) > LookInterval && Interlocked.Exchange(ref _isLooking, 1) == 0)
            _ = LookForPrimaryAsync();
    }

    private async Task LookForPrimaryAsync()
    {
        await ((Task)_multiplexer!.ConfigureAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Volatile.Write(ref _lookedAt, Stopwatch.GetTimestamp());
        Volatile.Write(ref _isLooking, 0);
    }

    /// <summary>A write that has been sent, which succeeds once enough replicas have it.</summary>
    private Task<T> Confirmed<T>(string operation, IDatabase database, Task<T> write) =>
        _wait is null ? write : ReachReplicasAsync(operation, database, write);

    /// <summary>Sends WAIT right behind a write that has been sent, so that both take the same connection: WAIT counts the writes of its
    /// own connection.</summary>
    private async Task<T> ReachReplicasAsync<T>(string operation, IDatabase database, Task<T> write)
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
            if (_multiplexer is null)
                multiplexer.ConnectionRestored += LookForCompareAndSet;

            _multiplexer = multiplexer;
            return _database ??= multiplexer.GetDatabase(_options.Database);
        }
    }
}
