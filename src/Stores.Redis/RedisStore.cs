using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Keeps sessions in Redis, in the records of connect-redis: a string at <c>sess:&lt;id&gt;</c> that holds the payload and
/// expires with the session.</summary>
/// <remarks>
/// <para>Requires Redis 7.0 or a compatible server. Each call is one script and so one step at the server; the clock of the server decides
/// expiry. On Redis Cluster a rotation between two slots and the index of subjects take more than one step; see the package's README.</para>
/// <para>The subject is kept in the JSON as the member <c>__subject</c>. A version stands for the stored bytes.</para>
/// </remarks>
public sealed partial class RedisStore : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionPruning, IAsyncDisposable
{
    private static readonly RedisValue[] NoValues = [];

    private readonly RedisStoreOptions _options;
    private readonly RedisConnection _connection;
    private readonly SubjectIndex _index;
    private readonly ILogger _logger;
    private readonly RedisKey _prefix;

    /// <summary>Makes a store with a connection of its own, which it opens when it is first used and closes when it is disposed.</summary>
    /// <param name="configuration">The configuration of the connection. It is copied; <c>AbortOnConnectFail</c> is taken as false, and
    /// time-outs as no longer than <see cref="RedisStoreOptions.OperationTimeout"/>.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="logger">Where keys are told that had to be passed over; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public RedisStore(ConfigurationOptions configuration, RedisStoreOptions? options = null, ILogger<RedisStore>? logger = null)
        : this(options, logger, checkedOptions => OwnConnection(configuration, checkedOptions))
    {
    }

    /// <summary>Makes a store on the application's own connection, which it does not dispose.</summary>
    /// <param name="multiplexer">The connection.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="logger">Where keys are told that had to be passed over; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public RedisStore(IConnectionMultiplexer multiplexer, RedisStoreOptions? options = null, ILogger<RedisStore>? logger = null)
        : this(options, logger, checkedOptions => ApplicationConnection(multiplexer, checkedOptions))
    {
    }

    private RedisStore(RedisStoreOptions? options, ILogger<RedisStore>? logger, Func<RedisStoreOptions, RedisConnection> connection)
    {
        options ??= new RedisStoreOptions();
        options.Validate();
        _options = options.Copy();
        _logger = logger ?? NullLogger<RedisStore>.Instance;
        _prefix = Encoding.UTF8.GetBytes(_options.KeyPrefix);
        _connection = connection(_options);
        _index = new SubjectIndex(_connection, _options, ReadOrPassOverAsync);
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);

        RedisKey[] keys = [KeyOf(id)];
        var values = NoValues;
        if (slide is { } asked && asked.WhenRemainingBelow > TimeSpan.Zero && !_options.DisableTouch && !_options.DisableExpiry)
            values = [(long)Math.Ceiling(asked.WhenRemainingBelow.TotalMilliseconds), Milliseconds(asked.ExtendTo), _options.PayloadTransform is null ? "0" : "1"];

        var result = await _connection.EvaluateAsync("Get", RedisScripts.Get, keys, values, cancellationToken).ConfigureAwait(false);
        var record = Read(id, result, out var now);
        if (record is null || now is null)
            return record;

        // The server could not read what limits the slide: worked out here, and carried out only while the record is still this one.
        return slide!.Value.TryExtend(record.ExpiresAt, now.Value, record.Payload.Span, out var extended)
            && await TouchAsync(keys, extended, record.Version, cancellationToken).ConfigureAwait(false)
            ? new SessionRecord(id, record.Payload, extended, record.Subject, record.Version)
            : record;
    }

    /// <inheritdoc/>
    public async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var stored = Stored(content);

        var outcome = await WriteAsync("Create", RedisScripts.Create, id, null, stored, RedisValue.EmptyString, content, cancellationToken).ConfigureAwait(false);
        return outcome == RedisScripts.Taken ? SessionWriteResult.NotWritten(SessionWriteStatus.Taken) : SessionWriteResult.Written(SessionVersion.Of(stored));
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var stored = Stored(content);

        var outcome = await WriteAsync("Replace", RedisScripts.Replace, id, null, stored, Expected(version), content, cancellationToken).ConfigureAwait(false);
        if (outcome == RedisScripts.Done && await _connection.IsClusterAsync("Replace", cancellationToken).ConfigureAwait(false)
            && SubjectOf(version) is { } subject && subject != content.Subject)
        {
            await _index.ForgetAsync("Replace", subject, [id], CancellationToken.None).ConfigureAwait(false);
        }

        return outcome switch
        {
            RedisScripts.Done => SessionWriteResult.Written(SessionVersion.Of(stored)),
            RedisScripts.Conflict => SessionWriteResult.NotWritten(SessionWriteStatus.Conflict),
            _ => SessionWriteResult.NotWritten(SessionWriteStatus.Gone),
        };
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var stored = Stored(content);

        await WriteAsync("Set", RedisScripts.Set, id, null, stored, RedisValue.EmptyString, content, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<bool> TouchAsync(string id, DateTimeOffset expiresAt, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);

        return TouchAsync([KeyOf(id)], SessionExpiry.Normalize(expiresAt), null, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);

        return await TakeAsync("Destroy", id, RedisValue.EmptyString, cancellationToken).ConfigureAwait(false) == RedisScripts.Done;
    }

    /// <inheritdoc/>
    /// <remarks>On Redis Cluster, where the two ids may belong to different nodes, the old record is removed first: for a moment, or for good
    /// when the second step fails, there is neither. There are never both.</remarks>
    public async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion? version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidId(newId);
        if (id == newId)
            throw new ArgumentException("The new id must be another than the old one.", nameof(newId));

        var stored = Stored(content);
        var outcome = await _connection.IsClusterAsync("Rotate", cancellationToken).ConfigureAwait(false)
            ? await RotateInStepsAsync(id, newId, version, stored, content, cancellationToken).ConfigureAwait(false)
            : await WriteAsync("Rotate", RedisScripts.Rotate, id, newId, stored, Expected(version), content, cancellationToken).ConfigureAwait(false);
        return outcome switch
        {
            RedisScripts.Done => SessionWriteResult.Written(SessionVersion.Of(stored)),
            RedisScripts.Conflict => SessionWriteResult.NotWritten(SessionWriteStatus.Conflict),
            RedisScripts.Taken => SessionWriteResult.NotWritten(SessionWriteStatus.Taken),
            _ => SessionWriteResult.NotWritten(SessionWriteStatus.Gone),
        };
    }

    /// <summary>Closes the connection if the store opened it. The application's own connection stays open.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static RedisConnection OwnConnection(ConfigurationOptions configuration, RedisStoreOptions options)
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
        return new RedisConnection(
            async () =>
            {
                var multiplexer = await ConnectionMultiplexer.ConnectAsync(own).ConfigureAwait(false);
                return multiplexer;
            },
            owned: true,
            options);
    }

    private static RedisConnection ApplicationConnection(IConnectionMultiplexer multiplexer, RedisStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(multiplexer);

        return new RedisConnection(() => Task.FromResult(multiplexer), owned: false, options);
    }

    private static long Milliseconds(DateTimeOffset instant) => instant == SessionExpiry.Never ? -1 : instant.ToUnixTimeMilliseconds();

    private static DateTimeOffset Instant(long milliseconds) =>
        milliseconds is < 0 or > 253_402_300_799_999 ? SessionExpiry.Never : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private RedisKey KeyOf(string id) => ((RedisKey)id).Prepend(_prefix);

    /// <summary>What a script compares with the stored value: nothing for null, and no value at all for a version of nothing.</summary>
    private static RedisValue Expected(SessionVersion? version)
    {
        if (version is not { } expected)
            return RedisValue.EmptyString;

        if (expected.Content.IsEmpty)
            return "none";

        return MemoryMarshal.TryGetArray(expected.Content, out var bytes) && bytes.Array!.Length == bytes.Count ? bytes.Array : expected.Content.ToArray();
    }

    private byte[] Stored(in SessionContent content)
    {
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes);
        var stored = StoredValue.Join(content.Payload.Span, content.Subject);
        return _options.PayloadTransform is { } transform ? transform.ToStored(stored).ToArray() : stored;
    }

    /// <summary>Reads what <see cref="RedisScripts.Get"/> answered.</summary>
    /// <param name="id">The id.</param>
    /// <param name="result">The answer.</param>
    /// <param name="now">The time at the server when it left the slide to the client; else null.</param>
    private SessionRecord? Read(string id, RedisResult result, out DateTimeOffset? now)
    {
        now = null;
        if (result.IsNull)
            return null;

        var answer = (byte[])result!;
        var head = answer.AsSpan(0, 2 * RedisScripts.HeadDigits);
        var expiry = long.Parse(head[..RedisScripts.HeadDigits], CultureInfo.InvariantCulture);
        if (long.Parse(head[RedisScripts.HeadDigits..], CultureInfo.InvariantCulture) is > 0 and var time)
            now = Instant(time);

        return Read(id, answer.AsMemory(head.Length), Instant(expiry));
    }

    private SessionRecord Read(string id, ReadOnlyMemory<byte> stored, DateTimeOffset expiresAt)
    {
        try
        {
            var value = _options.PayloadTransform is { } transform ? transform.FromStored(stored) : stored;
            if (StoredValue.LooksLikeObject(value.Span))
            {
                var payload = StoredValue.Split(value, out var subject);
                return new SessionRecord(id, payload, expiresAt, subject, SessionVersion.Of(stored));
            }
        }
        catch (Exception exception) when (exception is JsonException || _options.PayloadTransform is not null)
        {
            // A reader's text may quote the payload.
            throw Unreadable(exception is JsonException ? null : exception);
        }

        throw Unreadable(null);
    }

    /// <summary>The subject of what was loaded. Bytes that were replaced were read before.</summary>
    private string? SubjectOf(SessionVersion version)
    {
        var value = _options.PayloadTransform is { } transform ? transform.FromStored(version.Content) : version.Content;
        StoredValue.Split(value, out var subject);
        return subject;
    }

    private static SessionStoreException Unreadable(Exception? exception) => new(
        nameof(RedisStore), "Get", SessionStoreFault.Unreadable, "the value is not a JSON object. It is left as it is.", exception);

    private async ValueTask<bool> TouchAsync(RedisKey[] keys, DateTimeOffset expiresAt, SessionVersion? expected, CancellationToken cancellationToken)
    {
        var expiry = _options.DisableTouch || _options.DisableExpiry ? 0 : Milliseconds(expiresAt);
        var result = await _connection.EvaluateAsync(
            "Touch", RedisScripts.Touch, keys, [expiry, Expected(expected)], cancellationToken, writes: true).ConfigureAwait(false);
        return (long)result == 1;
    }

    /// <summary>Removes a record. With a version, only while it still is that.</summary>
    private async ValueTask<int> TakeAsync(string operation, string id, RedisValue expected, CancellationToken cancellationToken)
    {
        var isCluster = await _connection.IsClusterAsync(operation, cancellationToken).ConfigureAwait(false);
        RedisValue[] values = isCluster ? [expected] : [expected, _options.KeyPrefix, _options.SubjectPrefixOrDefault];
        var result = await _connection.EvaluateAsync(operation, RedisScripts.Take, [KeyOf(id)], values, cancellationToken, writes: true).ConfigureAwait(false);
        var parts = (RedisResult[])result!;
        if (isCluster && parts.Length > 1)
            await _index.ForgetAsync(operation, (string)parts[1]!, [id], CancellationToken.None).ConfigureAwait(false);

        return (int)parts[0];
    }

    /// <summary>Cluster: keeps the new id, removes the old record, writes the new one. Never both, and of two rotations to one id the second
    /// leaves its old record alone.</summary>
    private async ValueTask<int> RotateInStepsAsync(
        string id, string newId, SessionVersion? version, byte[] stored, SessionContent content, CancellationToken cancellationToken)
    {
        const string operation = "Rotate";
        var reserved = (int)await _connection.EvaluateAsync(operation, RedisScripts.Reserve, [KeyOf(newId)], NoValues, cancellationToken, writes: true).ConfigureAwait(false);
        if (reserved == RedisScripts.Taken)
        {
            var old = await _connection.EvaluateAsync(operation, RedisScripts.Get, [KeyOf(id)], NoValues, cancellationToken).ConfigureAwait(false);
            return old.IsNull ? RedisScripts.Gone : RedisScripts.Taken;
        }

        // From here on a cancellation would leave neither record, so that the rest is carried out.
        cancellationToken.ThrowIfCancellationRequested();
        var taken = await TakeAsync(operation, id, Expected(version), CancellationToken.None).ConfigureAwait(false);
        if (taken != RedisScripts.Done)
        {
            await TakeAsync(operation, newId, RedisScripts.Reservation, CancellationToken.None).ConfigureAwait(false);
            return taken;
        }

        // Somebody who has set the new id since, against its reservation, is not disturbed; the session is gone then.
        var created = await WriteAsync(operation, RedisScripts.Create, newId, null, stored, RedisScripts.Reservation, content, CancellationToken.None).ConfigureAwait(false);
        return created == RedisScripts.Taken ? RedisScripts.Gone : created;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WriteAsync(
        string operation, RedisScript script, string id, string? newId, byte[] stored, RedisValue expected, SessionContent content, CancellationToken cancellationToken)
    {
        var expiry = Milliseconds(content.ExpiresAt);
        var keepsForever = _options.DisableExpiry ? "1" : "0";
        if (await _connection.IsClusterAsync(operation, cancellationToken).ConfigureAwait(false))
        {
            var entered = _options.DisableExpiry ? -1 : expiry;
            if (content.Subject is not null)
                await _index.EnterAsync(operation, content.Subject, id, entered, cancellationToken).ConfigureAwait(false);

            var outcome = (int)await _connection.EvaluateAsync(
                operation, script, [KeyOf(id)], [stored, expiry, keepsForever, expected], cancellationToken, writes: true).ConfigureAwait(false);
            if (content.Subject is not null && outcome == RedisScripts.Done)
                await _index.EnterAgainAsync(operation, content.Subject, id, entered, CancellationToken.None).ConfigureAwait(false);
            else if (content.Subject is not null)
                await _index.ForgetAsync(operation, content.Subject, [id], CancellationToken.None).ConfigureAwait(false);

            return outcome;
        }

        RedisKey[] keys = (newId, content.Subject) switch
        {
            (null, null) => [KeyOf(id)],
            (null, _) => [KeyOf(id), _index.KeyOf(content.Subject)],
            (_, null) => [KeyOf(id), KeyOf(newId)],
            _ => [KeyOf(id), KeyOf(newId), _index.KeyOf(content.Subject)],
        };
        RedisValue[] values = [stored, expiry, keepsForever, expected, _options.KeyPrefix, _options.SubjectPrefixOrDefault];
        return (int)await _connection.EvaluateAsync(operation, script, keys, values, cancellationToken, writes: true).ConfigureAwait(false);
    }
}
