using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <summary>Keeps sessions in a MongoDB collection that it can share with connect-mongo 6.</summary>
/// <remarks>
/// <para>Expiry is decided by the <see cref="TimeProvider"/> of this process, as connect-mongo does it; the clocks of all nodes have to
/// agree, and that of the server where it removes expired documents itself. No transactions: a standalone server is enough.</para>
/// <para>L3: a read is one command; one that slides is two, and the slide is made only while the content still is what was read: a write in
/// between has it read again. L6: a
/// replacement is one filtered update; one that finds nothing to replace reads once more to tell a conflict from an end. L10: a rotation
/// takes the old document away and then stores the new one, since an <c>_id</c> cannot change. No reader sees both; between the two
/// commands a reader sees neither, and a process or server that dies there ends the session.</para>
/// </remarks>
public sealed partial class MongoStore : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionPruning, IAsyncDisposable
{
    /// <summary>How often a read tries to slide a session that others write meanwhile, before it answers without.</summary>
    private const int SlideRounds = 5;

    private readonly MongoConnection _connection;
    private readonly MongoStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SessionCodec _codec;
    private readonly MongoIndexes _indexes;
    private readonly TimeLimits _limits;
    private bool _disposed;

    /// <summary>Makes a store on a collection, whose client stays the caller's.</summary>
    /// <param name="collection">The collection. Its write concern and read preference are not used.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="timeProvider">The clock that decides expiry; null for the system's.</param>
    /// <param name="logger">Where the store tells what it did; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is out of its range; every such option is named.</exception>
    public MongoStore(IMongoCollection<BsonDocument> collection, MongoStoreOptions? options = null, TimeProvider? timeProvider = null, ILogger<MongoStore>? logger = null)
        : this(checkedOptions => new MongoConnection(collection ?? throw new ArgumentNullException(nameof(collection)), checkedOptions), options, timeProvider, logger)
    {
    }

    /// <summary>Makes a store with a client of its own, which connects at the first call.</summary>
    /// <param name="connectionString">A connection string of MongoDB.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="timeProvider">The clock that decides expiry; null for the system's.</param>
    /// <param name="logger">Where the store tells what it did; null for nowhere.</param>
    /// <exception cref="ArgumentException">The connection string is none, or an option is out of its range; every such option is named.</exception>
    public MongoStore(string connectionString, MongoStoreOptions? options = null, TimeProvider? timeProvider = null, ILogger<MongoStore>? logger = null)
        : this(checkedOptions => new MongoConnection(connectionString, checkedOptions), options, timeProvider, logger)
    {
    }

    private MongoStore(Func<MongoStoreOptions, MongoConnection> connect, MongoStoreOptions? options, TimeProvider? timeProvider, ILogger? logger)
    {
        options ??= new MongoStoreOptions();
        options.Validate();
        _options = options.Copy();
        _connection = connect(_options);
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        _limits = new TimeLimits(_options.OperationTimeout);
        _codec = new SessionCodec(_options);
        _indexes = new MongoIndexes(_options, _logger);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var key = KeyOf(id);
        return await RunAsync("Get", async (collection, token) =>
        {
            for (var round = 1; ; round++)
            {
                var now = _time.GetUtcNow();

                // By its id alone, which servers answer the fastest; the clock that judges it is this node's either way.
                if (await FindAsync(collection, SessionDocument.ById(key), FoundSession.Whole, token).ConfigureAwait(false) is not { } found || !found.IsLive(now))
                    return null;

                var (record, stored) = await ReadAsync("Get", id, found, token).ConfigureAwait(false);
                if (slide is not { } wanted || round > SlideRounds || IsLatelyTouched(found, now)
                    || !wanted.TryExtend(record.ExpiresAt, now, record.Payload.Span, out var extended))
                {
                    return record;
                }

                // The payload decides how far the expiry may go, so it must still be the stored one; if not, it is read again.
                var slid = await collection.FindOneAndUpdateAsync(
                    SessionDocument.LiveUntil(key, now).StillHolding(stored, record.Subject),
                    SessionDocument.Extension(extended, _options, now),
                    FoundSession.Slid,
                    token).ConfigureAwait(false);
                if (slid is not null)
                    return new SessionRecord(id, record.Payload, slid.ExpiresAt, record.Subject, record.Version);
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        content = CheckedCopy(content);
        var key = KeyOf(id);
        return await RunAsync("Create", async (collection, token) =>
        {
            var stored = await _codec.EncodeAsync(content.Payload, null, token).ConfigureAwait(false);
            await SetUpOnceAsync(collection, token).ConfigureAwait(false);
            var now = _time.GetUtcNow();
            var document = SessionDocument.Fill([], key, stored, content, _options, now);
            return await InsertAsync(collection, key, document, now, token).ConfigureAwait(false)
                ? SessionWriteResult.Written(stored.Version(content.Subject))
                : SessionWriteResult.NotWritten(SessionWriteStatus.Taken);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>A session that was loaded as a sub-document stays one: values whose JSON is unchanged keep their BSON type.</remarks>
    public async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        content = CheckedCopy(content);
        var key = KeyOf(id);
        return await RunAsync("Replace", async (collection, token) =>
        {
            var loaded = StoredSession.OfVersion(version);
            var stored = await _codec.EncodeAsync(content.Payload, OriginalOf(loaded), token).ConfigureAwait(false);
            await SetUpOnceAsync(collection, token).ConfigureAwait(false);
            var now = _time.GetUtcNow();
            var result = await collection.UpdateOneAsync(
                SessionDocument.Live(key, now).StillHolding(loaded, version.Subject),
                SessionDocument.Update(stored, content, _options, now),
                cancellationToken: token).ConfigureAwait(false);
            if (result.MatchedCount == 1)
                return SessionWriteResult.Written(stored.Version(content.Subject));

            var isLive = await FindAsync(collection, SessionDocument.Live(key, now), FoundSession.Presence, token).ConfigureAwait(false) is not null;
            return SessionWriteResult.NotWritten(isLive ? SessionWriteStatus.Conflict : SessionWriteStatus.Gone);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        content = CheckedCopy(content);
        var key = KeyOf(id);
        await RunAsync("Set", async (collection, token) =>
        {
            var stored = await _codec.EncodeAsync(content.Payload, null, token).ConfigureAwait(false);
            await SetUpOnceAsync(collection, token).ConfigureAwait(false);
            var update = SessionDocument.Update(stored, content, _options, _time.GetUtcNow(), upsert: true);
            return await UpsertAsync(collection, key, update, token).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>One command; a second one where nothing could be moved, to tell a session that lives for ever from none.</remarks>
    public async ValueTask<bool> TouchAsync(string id, DateTimeOffset expiresAt, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var key = KeyOf(id);
        var until = SessionExpiry.Normalize(expiresAt);
        return await RunAsync("Touch", async (collection, token) =>
        {
            while (true)
            {
                var now = _time.GetUtcNow();
                var filter = SessionDocument.LiveUntil(key, now);
                if (_options.TouchAfter > TimeSpan.Zero)
                    filter = filter.LastModifiedBefore(now - _options.TouchAfter);

                var result = await collection.UpdateOneAsync(filter, SessionDocument.Extension(until, _options, now), cancellationToken: token).ConfigureAwait(false);
                if (result.MatchedCount == 1)
                    return true;

                // None, or one that needs no touch; or one that was stored just now, which does.
                if (await FindAsync(collection, SessionDocument.Live(key, now), FoundSession.Times, token).ConfigureAwait(false) is not { } found)
                    return false;

                if (found.ExpiresAt >= until || IsLatelyTouched(found, now))
                    return true;
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>One command; a second one where nothing was there.</remarks>
    public async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var key = KeyOf(id);
        return await RunAsync("Destroy", async (collection, token) =>
        {
            var now = _time.GetUtcNow();
            var destroyed = await TakeAsync(collection, "Destroy", SessionDocument.ById(key), FoundSession.Taken, token).ConfigureAwait(false);
            return destroyed is not null && destroyed.IsLive(now);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes the indexes that are missing. Idempotent; the first write does it too.</summary>
    /// <exception cref="SessionStoreException">An index is there with other options (<see cref="SessionStoreFault.Misconfigured"/>, whose
    /// message says which and what to do), or the server failed.</exception>
    public async ValueTask SetUpAsync(CancellationToken cancellationToken = default) =>
        await RunAsync("SetUp", async (collection, token) =>
        {
            await _indexes.EnsureAsync(collection, token).ConfigureAwait(false);
            _setUp = Task.CompletedTask;
            return true;
        }, cancellationToken).ConfigureAwait(false);

    /// <summary>Ends the store, and its client if it made one.</summary>
    public ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _disposed, true))
            _connection.Dispose();

        return ValueTask.CompletedTask;
    }
}
