using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Keeps sessions in Redis, in the records of connect-redis: a string at <c>sess:&lt;id&gt;</c> that holds the payload and
/// expires with the session.</summary>
/// <remarks>
/// <para>Requires Redis 7.0 or a compatible server. Each call is one step at the server: a command, or a script where something has to be
/// decided. The clock of the server decides expiry. On Redis Cluster a rotation between two slots and the index of subjects take more than one
/// step; see the package's README.</para>
/// <para>The subject is kept in the JSON as the member <c>__subject</c>. A version is the stored bytes.</para>
/// </remarks>
public sealed partial class RedisStore : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionCaps, ISessionEpochs, ISessionPruning, ISessionExpirations, ISessionSuccessors, IAsyncDisposable
{
    private static readonly RedisValue[] NoValues = [];

    private readonly RedisStoreOptions _options;
    private readonly RedisConnection _connection;
    private readonly RedisRecord _records;
    private readonly ILogger _logger;
    private readonly RoundTrips<RedisKey, RedisReading>? _reads;
    private IRedisTopology? _topology;

    /// <summary>Creates a store with a connection of its own, which it opens when it is first used and closes when it is disposed.</summary>
    /// <param name="configuration">The configuration of the connection. It is copied; <c>AbortOnConnectFail</c> is taken as false, and
    /// time-outs as no longer than <see cref="RedisStoreOptions.OperationTimeout"/>.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="logger">Logs failed calls and skipped records. Optional.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public RedisStore(ConfigurationOptions configuration, RedisStoreOptions? options = null, ILogger<RedisStore>? logger = null)
        : this(options, logger, (valid, log) => RedisConnection.OfStore(configuration, valid, log))
    {
    }

    /// <summary>Creates a store on the application's own connection, which it does not dispose.</summary>
    /// <param name="multiplexer">The connection.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="logger">Logs failed calls and skipped records. Optional.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public RedisStore(IConnectionMultiplexer multiplexer, RedisStoreOptions? options = null, ILogger<RedisStore>? logger = null)
        : this(options, logger, (valid, log) => RedisConnection.OfApplication(multiplexer, valid, log))
    {
    }

    private RedisStore(RedisStoreOptions? options, ILogger<RedisStore>? logger, Func<RedisStoreOptions, ILogger, RedisConnection> connection)
    {
        _options = (options ?? new RedisStoreOptions()).Copy();
        _options.Validate();
        _logger = logger ?? NullLogger<RedisStore>.Instance;
        _records = new RedisRecord(_options);
        _connection = connection(_options, _logger);
        _reads = _options.ShareRoundTrips ? _connection.ShareReads(_records.GetMany) : null;
    }

    string ISessionStore.KeySpace => $"Redis {_connection.Place} {_options.KeyPrefix}*";

    /// <inheritdoc/>
    /// <remarks>Plain commands that are sent together, or a script that reads which wait at the same time share (<see cref="RedisStoreOptions.ShareRoundTrips"/>).
    /// A script more for a slide.</remarks>
    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var key = _records.KeyOf(id);
        return _reads is { } reads && _connection.CanShare ? GetSharedAsync(reads, id, key, slide, cancellationToken) : ReadAsync(id, key, slide, default, null, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        CreateAsync(id, content, null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        ReplaceAsync(id, version, content, null, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var write = Write("Set", RedisCommands.Set, id, content, RedisValue.EmptyString);

        var topology = _topology ?? await FindTopologyAsync(write.Operation, cancellationToken).ConfigureAwait(false);
        await topology.WriteAsync(write, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        const string operation = "Touch";
        SessionArguments.ThrowIfInvalidId(id);
        if (_topology is null)
            await FindTopologyAsync(operation, cancellationToken).ConfigureAwait(false);

        // What the command did not extend may be gone, or live long enough: the script looks, in one step.
        var isPlain = !_options.KeepExpired && RedisCommands.IsPlain(lifetime) && (lifetime.Idle is null ^ lifetime.End is null) && !_options.DisableTouch && !_options.DisableExpiry;
        return (isPlain && await _connection.TryExtendAsync(operation, _records.KeyOf(id), lifetime, cancellationToken).ConfigureAwait(false))
            || await TouchAsync(operation, id, lifetime, SessionVersion.Any, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);

        var topology = _topology ?? await FindTopologyAsync("Destroy", cancellationToken).ConfigureAwait(false);
        return await topology.DestroyAsync("Destroy", id, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>On Redis Cluster, where the two ids may belong to different nodes, the old record is removed first: for a moment, or for good
    /// when the second step fails, there is neither. There are never both.</remarks>
    public ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        RotateAsync(id, newId, version, content, null, cancellationToken);

    /// <summary>Closes the connection if the store opened it. The application's own connection stays open.</summary>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync().ConfigureAwait(false);
        _reads?.Dispose();
    }

    private static SessionWriteResult Result(SessionWriteStatus status, byte[] stored) =>
        status == SessionWriteStatus.Written ? SessionWriteResult.Written(SessionVersion.Of(stored)) : SessionWriteResult.NotWritten(status);

    private RedisWrite Write(string operation, RedisScript script, string id, in SessionContent content, RedisValue expected, SessionCap? cap = null) =>
        new(operation, script, id, _records.Encode(content), content.Lifetime, content.Subject, expected, cap);

    private ValueTask<SessionRecord?> GetSharedAsync(
        RoundTrips<RedisKey, RedisReading> reads, string id, RedisKey key, SlidingExpiry? slide, CancellationToken cancellationToken) =>
        reads.RunAsync("Get", key, (Store: this, id, key, slide),
            static (call, reply, started, token) => call.Store.ReadAsync(call.id, call.key, call.slide, reply, started, token), cancellationToken);

    /// <param name="id">The id.</param>
    /// <param name="key">The key of the record.</param>
    /// <param name="slide">How to slide, if at all.</param>
    /// <param name="shared">What a shared round trip found, if it did.</param>
    /// <param name="begun">When the call began; null for now.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<SessionRecord?> ReadAsync(
        string id, RedisKey key, SlidingExpiry? slide, Reply<RedisReading> shared, long? begun, CancellationToken cancellationToken)
    {
        var below = slide is { } asked && !_options.DisableTouch && !_options.DisableExpiry ? Math.Ceiling(asked.WhenRemainingBelow.TotalMilliseconds) : 0;
        var reading = shared.IsKnown ? shared.Value : await _connection.ReadAsync("Get", key, _records.MaxBytes, cancellationToken, begun).ConfigureAwait(false);
        if (reading.IsWhole && !(reading.IsLive && reading.Expiry >= 0 && reading.Left < below))
            return _records.Decode("Get", id, reading);

        return await GetAsync("Get", id, key, below > 0 ? slide : null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a record by the script, which extends it when the slide is due, in the same step.</summary>
    private async ValueTask<SessionRecord?> GetAsync(string operation, string id, RedisKey key, SlidingExpiry? slide, CancellationToken cancellationToken)
    {
        RedisValue[] values = slide is { } asked
            ? [(long)Math.Ceiling(asked.WhenRemainingBelow.TotalMilliseconds), RedisCommands.IdleOf(asked.ExtendTo), RedisCommands.EndOf(asked.ExtendTo), _options.PayloadTransform is null ? "0" : "1"]
            : NoValues;
        var reply = await _connection.EvaluateAsync(operation, _records.Get, [key], values, cancellationToken).ConfigureAwait(false);
        if (reply.IsNull)
            return null;

        var reading = new RedisReading((byte[])reply[0]!, (long)reply[1], (long)reply[2], IsWhole: true);
        var record = _records.Decode(operation, id, reading);
        return record is null || reply.Length == 3 ? record : await SlideAsync(record, slide!.Value, record.ExpiresAt.AddMilliseconds(-reading.Left), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Carries out a slide whose limit the server could not read, and only while the record is still this one.</summary>
    private async ValueTask<SessionRecord> SlideAsync(SessionRecord record, SlidingExpiry slide, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            return slide.TryExtend(record.ExpiresAt, now, record.Payload.Span, out var extended)
                && await TouchAsync("Get", record.Id, extended, record.Version, cancellationToken).ConfigureAwait(false)
                ? new SessionRecord(record.Id, record.Payload, extended, SessionExpiry.Remaining(extended, now), record.Subject, record.Version)
                : record;
        }
        catch (SessionStoreException exception) when (exception.Fault == SessionStoreFault.ReadOnly)
        {
            return record;
        }
    }

    private async ValueTask<bool> TouchAsync(
        string operation, string id, SessionLifetime lifetime, SessionVersion expected, CancellationToken cancellationToken)
    {
        // The script is the same everywhere; a cluster refuses MinReplicas here as for any other write.
        if (_topology is null)
            await FindTopologyAsync(operation, cancellationToken).ConfigureAwait(false);

        var changed = _options.DisableTouch || _options.DisableExpiry ? SessionLifetime.For(TimeSpan.Zero) : lifetime;
        RedisValue[] values = [RedisCommands.IdleOf(changed), RedisCommands.EndOf(changed), RedisRecord.Expected(expected)];
        return (bool)await _connection.EvaluateAsync(operation, RedisCommands.Touch, [_records.KeyOf(id)], values, cancellationToken, writes: true).ConfigureAwait(false);
    }

    /// <summary>Finds out whether the server is a cluster. That is known for good once any of its nodes was connected; before that the call
    /// fails by its command, which says why.</summary>
    private async ValueTask<IRedisTopology> FindTopologyAsync(string operation, CancellationToken cancellationToken)
    {
        var isCluster = await _connection.IsClusterAsync(operation, cancellationToken).ConfigureAwait(false);
        if (isCluster == true && _options.MinReplicas > 0)
            throw RedisFaults.ReplicasOnCluster(operation, _options);

        if (isCluster == true && _options.KeepExpired)
            throw RedisFaults.KeepExpiredOnCluster(operation);

        IRedisTopology topology = isCluster == true
            ? new RedisCluster(_connection, _records, _options, ReadOrNullAsync, (here, subject, id, token) => DestroyOfAsync(here, subject, id, null, FrozenSet<string>.Empty, token))
            : new SingleServer(_connection, _records, _options);
        if (isCluster is not null)
            _topology = topology;

        return topology;
    }
}
