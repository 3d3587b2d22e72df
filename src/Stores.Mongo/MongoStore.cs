using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;
using static SessionStores.Mongo.MongoCommands;

namespace SessionStores.Mongo;

/// <summary>Keeps sessions in a MongoDB collection that it can share with connect-mongo 6.</summary>
/// <remarks>
/// <para>Expiry is decided by the <see cref="TimeProvider"/> of this process, as in connect-mongo; the clocks of all nodes have to
/// agree, and that of the server if it removes expired documents itself. No transactions: a standalone server is enough.</para>
/// <para>L3: a read is one command; one that slides is two, and the slide is done only while the content is still what was read: after a
/// write in between it is read again. L6: a replacement is one filtered update; one that finds nothing to replace reads once more to
/// distinguish a conflict from an end. L10: a rotation removes the old document and then stores the new one, since an <c>_id</c> cannot
/// change. No reader sees both; between the two commands a reader sees neither, and a process or server that fails there ends the session.</para>
/// </remarks>
public sealed partial class MongoStore : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionPruning, IAsyncDisposable
{
    /// <summary>How often a read tries to slide a session that is written concurrently, before it returns without.</summary>
    private const int SlideRounds = 5;

    private readonly MongoStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MongoConnection _connection;
    private readonly MongoSetUp _setUp;

    /// <summary>Creates a store on a collection of the application, whose client it does not dispose.</summary>
    /// <param name="collection">The collection. Its write concern and read preference are not used.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="timeProvider">The clock that decides expiry; null for the system's.</param>
    /// <param name="logger">Logs what the store did. Optional.</param>
    /// <exception cref="ArgumentException">An option is invalid; the message names each.</exception>
    public MongoStore(IMongoCollection<BsonDocument> collection, MongoStoreOptions? options = null, TimeProvider? timeProvider = null, ILogger<MongoStore>? logger = null)
        : this(options, timeProvider, logger, (copy, log) => new MongoConnection(collection, copy, log))
    {
    }

    /// <summary>Creates a store with its own client, which connects on first use.</summary>
    /// <param name="connectionString">A MongoDB connection string.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="timeProvider">The clock that decides expiry; null for the system's.</param>
    /// <param name="logger">Logs what the store did. Optional.</param>
    /// <exception cref="ArgumentException">The connection string or an option is invalid; the message names each option.</exception>
    public MongoStore(string connectionString, MongoStoreOptions? options = null, TimeProvider? timeProvider = null, ILogger<MongoStore>? logger = null)
        : this(options, timeProvider, logger, (copy, log) => new MongoConnection(connectionString, copy, log))
    {
    }

    private MongoStore(MongoStoreOptions? options, TimeProvider? timeProvider, ILogger? logger, Func<MongoStoreOptions, ILogger, MongoConnection> connect)
    {
        options ??= new MongoStoreOptions();
        options.Validate();
        _options = options.Copy();
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        _connection = connect(_options, _logger);
        _setUp = new MongoSetUp(_connection.Deadline, _options, _logger);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var key = KeyOf(id);
        return await _connection.RunAsync("Get", async (collection, token) =>
        {
            for (var round = 1; ; round++)
            {
                var now = _time.GetUtcNow();

                // Only by its id, which is the fastest for servers; the clock that decides is this node's in any case.
                if (await FindAsync(collection, ById(key), Whole, token).ConfigureAwait(false) is not { } found || !found.IsLive(now))
                    return null;

                var record = await found.ToRecordAsync("Get", id, _options, now, token).ConfigureAwait(false);
                if (slide is not { } wanted || round > SlideRounds || IsRecentlyTouched(found, now)
                    || !wanted.TryExtend(record.ExpiresAt, now, record.Payload.Span, out var extended))
                {
                    return record;
                }

                // The payload limits the expiry, so it must still be the stored one; if not, it is read again.
                var slid = await collection.FindOneAndUpdateAsync(
                    LiveUntil(key, now).StillHolding(record.Version), Extension(extended, _options, now), Slid, token).ConfigureAwait(false);
                if (slid is not null)
                    return new SessionRecord(id, record.Payload, slid.ExpiresAt, SessionExpiry.Remaining(slid.ExpiresAt, now), record.Subject, record.Version);
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        content = CheckedCopy(content);
        var key = KeyOf(id);
        return await _connection.RunAsync("Create", async (collection, token) =>
        {
            var value = await PrepareAsync(collection, content, null, token).ConfigureAwait(false);
            var now = _time.GetUtcNow();
            return await InsertAsync(collection, key, Fill([], key, value, content, _options, now), now, token).ConfigureAwait(false)
                ? SessionWriteResult.Written(value.Version(content.Subject))
                : SessionWriteResult.NotWritten(SessionWriteStatus.Taken);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>A session that was loaded as a sub-document remains one: values whose JSON is unchanged keep their BSON type.</remarks>
    public async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        content = CheckedCopy(content);
        var key = KeyOf(id);
        return await _connection.RunAsync("Replace", async (collection, token) =>
        {
            var value = await PrepareAsync(collection, content, version, token).ConfigureAwait(false);
            var now = _time.GetUtcNow();
            var result = await collection.UpdateOneAsync(
                Live(key, now).StillHolding(version), Update(value, content, _options, now), cancellationToken: token).ConfigureAwait(false);
            if (result.MatchedCount == 1)
                return SessionWriteResult.Written(value.Version(content.Subject));

            return SessionWriteResult.NotWritten(
                await ExistsAsync(collection, Live(key, now), token).ConfigureAwait(false) ? SessionWriteStatus.Conflict : SessionWriteStatus.Gone);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        content = CheckedCopy(content);
        var key = KeyOf(id);
        await _connection.RunAsync("Set", async (collection, token) =>
        {
            var value = await PrepareAsync(collection, content, null, token).ConfigureAwait(false);
            return await UpsertAsync(collection, key, Update(value, content, _options, _time.GetUtcNow(), upsert: true), token).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>One command; a second one if nothing could be moved, to distinguish a session that never expires from a missing one.</remarks>
    public async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var key = KeyOf(id);
        return await _connection.RunAsync("Touch", async (collection, token) =>
        {
            while (true)
            {
                var now = _time.GetUtcNow();
                var until = lifetime.ExpiryAt(now);
                var filter = LiveUntil(key, now);
                if (_options.TouchAfter > TimeSpan.Zero)
                    filter = filter.LastModifiedBefore(now - _options.TouchAfter);

                var result = await collection.UpdateOneAsync(filter, Extension(until, _options, now), cancellationToken: token).ConfigureAwait(false);
                if (result.MatchedCount == 1)
                    return true;

                // It is missing, or needs no touch; or it was stored just now and does.
                if (await FindAsync(collection, Live(key, now), Times, token).ConfigureAwait(false) is not { } found)
                    return false;

                if (found.ExpiresAt >= until || IsRecentlyTouched(found, now))
                    return true;
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>One command; a second one if it found nothing.</remarks>
    public async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var key = KeyOf(id);
        return await _connection.RunAsync("Destroy", async (collection, token) =>
        {
            var now = _time.GetUtcNow();
            var destroyed = await RemoveAsync(collection, "Destroy", ById(key), Removed, token).ConfigureAwait(false);
            return destroyed is not null && destroyed.IsLive(now);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Checks that the new id is free, removes the old document, stores the new one. Never both ids. A reader between the last two
    /// steps sees neither, and a failure there ends the session: the user has to sign in again. Once the new id was found free,
    /// cancellation no longer stops the call.</remarks>
    public async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion? version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidId(newId);
        content = CheckedCopy(content);
        if (id == newId)
            throw new ArgumentException("The new id must differ from the old one.", nameof(newId));

        var (key, newKey) = (KeyOf(id), KeyOf(newId));
        var (value, isFree) = await _connection.RunAsync("Rotate", async (collection, token) =>
        {
            var prepared = await PrepareAsync(collection, content, version, token).ConfigureAwait(false);
            return (prepared, !await ExistsAsync(collection, Live(newKey, _time.GetUtcNow()), token).ConfigureAwait(false));
        }, cancellationToken).ConfigureAwait(false);

        return await _connection.RunAsync("Rotate", async (collection, token) =>
        {
            var now = _time.GetUtcNow();
            var expected = version is { } loaded ? Live(key, now).StillHolding(loaded) : Live(key, now);
            if (!isFree && await ExistsAsync(collection, expected, token).ConfigureAwait(false))
                return SessionWriteResult.NotWritten(SessionWriteStatus.Taken);

            using var old = isFree ? await RemoveAsync(collection, "Rotate", expected, RemovedWhole, token).ConfigureAwait(false) : null;
            if (old is not null)
                return await StoreRotatedAsync(collection, old, key, newKey, value, content, now, token).ConfigureAwait(false);

            var isLive = version is not null && await ExistsAsync(collection, Live(key, now), token).ConfigureAwait(false);
            return SessionWriteResult.NotWritten(isLive ? SessionWriteStatus.Conflict : SessionWriteStatus.Gone);
        }, isFree ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates the indexes that are missing. Idempotent; the first write does it too.</summary>
    /// <exception cref="SessionStoreException">An index has other options (<see cref="SessionStoreFault.Misconfigured"/>, with a message
    /// that names it and the fix), or the server failed.</exception>
    public async ValueTask SetUpAsync(CancellationToken cancellationToken = default) =>
        await _connection.RunAsync("SetUp", _setUp.RunAsync, cancellationToken).ConfigureAwait(false);

    /// <summary>Disposes the store, and its client if it created one.</summary>
    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Stores a session under its new id after its old document was removed.</summary>
    private async Task<SessionWriteResult> StoreRotatedAsync(
        IMongoCollection<BsonDocument> collection, RawBsonDocument old, string key, string newKey, MongoRecord.Value value, SessionContent content, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var isStored = false;
        try
        {
            // Unknown fields are kept.
            var document = new BsonDocument();
            foreach (var element in old)
                document[element.Name] = element.Value;

            isStored = await InsertAsync(collection, newKey, Fill(document, newKey, value, content, _options, now), now, cancellationToken).ConfigureAwait(false);
            if (isStored)
                return SessionWriteResult.Written(value.Version(content.Subject));

            // Another writer took the new id in the meantime: the old document is put back.
            isStored = await InsertAsync(collection, key, old, now, cancellationToken).ConfigureAwait(false);
            return SessionWriteResult.NotWritten(SessionWriteStatus.Taken);
        }
        finally
        {
            if (!isStored)
                Log.RotationLost(_logger);
        }
    }

    /// <summary>Converts content to the value to store, and sets up the collection before the first write.</summary>
    private async Task<MongoRecord.Value> PrepareAsync(IMongoCollection<BsonDocument> collection, SessionContent content, SessionVersion? loaded, CancellationToken cancellationToken)
    {
        var value = await MongoRecord.Value.EncodeAsync(content.Payload, loaded, _options, cancellationToken).ConfigureAwait(false);
        await _setUp.OnceAsync(collection, cancellationToken).ConfigureAwait(false);
        return value;
    }

    /// <summary>Checks content and copies its payload, which the caller may change while the call runs.</summary>
    private SessionContent CheckedCopy(in SessionContent content)
    {
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes);
        return new SessionContent(content.Payload.ToArray(), content.Lifetime, content.Subject);
    }

    private string KeyOf(string id)
    {
        if (_options.TransformId is not { } transform)
            return id;

        var key = transform(id);
        return !string.IsNullOrEmpty(key)
            ? key
            : throw new InvalidOperationException($"{nameof(MongoStoreOptions)}.{nameof(MongoStoreOptions.TransformId)} must return a text that is not empty.");
    }

    private bool IsRecentlyTouched(MongoRecord found, DateTimeOffset now) =>
        _options.TouchAfter > TimeSpan.Zero && found.IsModifiedWithin(_options.TouchAfter, now);
}
