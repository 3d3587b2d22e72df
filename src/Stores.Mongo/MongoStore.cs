using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;
using static SessionStores.Mongo.MongoCommands;

namespace SessionStores.Mongo;

/// <summary>Keeps sessions in a MongoDB collection that it can share with connect-mongo 6.</summary>
/// <remarks>
/// <para>The clock of the server decides life and turns lifetimes into instants, in the command that uses them; that of this process is not
/// read. No transactions: a standalone server is enough.</para>
/// <para>L3: a read is one command; one that slides is two, and the slide is done only while the content is still what was read: after a
/// write in between it is read again. L6: a replacement is one filtered update; one that finds nothing to replace reads once more to
/// distinguish a conflict from an end. L10: a rotation takes three commands, since an <c>_id</c> cannot change: it reserves the new id, turns
/// the old document into a link, and stores the session. No reader sees both; between the last two a reader sees neither, and a process or
/// server that fails there ends the session. L9: a destroy follows the link, and no order of the two lets the session survive.</para>
/// </remarks>
public sealed partial class MongoStore : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionKeys, ISessionCaps, ISessionEpochs, ISessionPruning, ISessionExpirations, ISessionSuccessors, IAsyncDisposable
{
    /// <summary>How often a read tries to slide a session that is written concurrently, before it returns without.</summary>
    private const int SlideRounds = 5;

    private readonly MongoStoreOptions _options;
    private readonly ILogger _logger;
    private readonly MongoConnection _connection;
    private readonly MongoSetUp _setUp;
    private readonly FindOptions<BsonDocument, MongoRecord> _whole;
    private readonly RoundTrips<string, MongoRecord?>? _reads;

    /// <summary>Creates a store on a collection of the application, whose client it does not dispose.</summary>
    /// <param name="collection">The collection. Its write concern and read preference are not used.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="logger">Logs what the store did. Optional.</param>
    /// <exception cref="ArgumentException">An option is invalid; the message names each.</exception>
    public MongoStore(IMongoCollection<BsonDocument> collection, MongoStoreOptions? options = null, ILogger<MongoStore>? logger = null)
        : this(options, logger, (copy, log) => new MongoConnection(collection, copy, log))
    {
    }

    /// <summary>Creates a store with its own client, which connects on first use.</summary>
    /// <param name="connectionString">A MongoDB connection string.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="logger">Logs what the store did. Optional.</param>
    /// <exception cref="ArgumentException">The connection string or an option is invalid; the message names each option.</exception>
    public MongoStore(string connectionString, MongoStoreOptions? options = null, ILogger<MongoStore>? logger = null)
        : this(options, logger, (copy, log) => new MongoConnection(connectionString, copy, log))
    {
    }

    private MongoStore(MongoStoreOptions? options, ILogger? logger, Func<MongoStoreOptions, ILogger, MongoConnection> connect)
    {
        options ??= new MongoStoreOptions();
        options.Validate();
        _options = options.Copy();
        _logger = logger ?? NullLogger.Instance;
        _connection = connect(_options, _logger);
        _whole = Whole(_options);
        _reads = _options.ShareRoundTrips ? _connection.ShareReads(_whole.Projection) : null;
        _setUp = new MongoSetUp(_connection.Deadline, _options, _logger);
    }

    string ISessionStore.KeySpace => $"MongoDB {_connection.Place}";

    /// <inheritdoc/>
    /// <remarks>One command, which reads that wait at the same time share (<see cref="MongoStoreOptions.ShareRoundTrips"/>). One more for a
    /// slide.</remarks>
    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var key = KeyOf(id);
        return _reads is { } reads ? GetSharedAsync(reads, id, key, slide, cancellationToken) : ReadAsync(id, key, slide, default, null, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        content = CheckedCopy(content);
        var key = KeyOf(id);
        return await _connection.RunAsync("Create", async (collection, token) =>
        {
            var value = await PrepareAsync(collection, content, SessionVersion.Any, token).ConfigureAwait(false);
            return await MongoCommands.CreateAsync(collection, key, value, content, _options, token).ConfigureAwait(false)
                ? SessionWriteResult.Written(value.Version(content.Subject))
                : SessionWriteResult.NotWritten(SessionWriteStatus.Taken);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>A session that was loaded as a sub-document remains one: values whose JSON is unchanged keep their BSON type.</remarks>
    public async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidVersion(version);
        content = CheckedCopy(content);
        var key = KeyOf(id);
        return await _connection.RunAsync("Replace", async (collection, token) =>
        {
            var value = await PrepareAsync(collection, content, version, token).ConfigureAwait(false);
            var result = await MongoConnection.SendAsync(() => collection.UpdateOneAsync(
                Live(key).StillHolding(version), Update(value, content, _options), cancellationToken: token)).ConfigureAwait(false);
            if (result.MatchedCount == 1)
                return SessionWriteResult.Written(value.Version(content.Subject));

            return SessionWriteResult.NotWritten(
                await ExistsAsync(collection, Live(key), token).ConfigureAwait(false) ? SessionWriteStatus.Conflict : SessionWriteStatus.Gone);
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
            var value = await PrepareAsync(collection, content, SessionVersion.Any, token).ConfigureAwait(false);
            return await MongoCommands.SetAsync(collection, key, value, content, _options, token).ConfigureAwait(false);
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
                var result = await MongoConnection.SendAsync(() => collection.UpdateOneAsync(
                    LiveUntil(key, _options.TouchAfter), Extension(lifetime, _options), cancellationToken: token)).ConfigureAwait(false);
                if (result.MatchedCount == 1)
                    return true;

                // It is missing, or needs no touch; or it was stored just now and does.
                if (await FindAsync(collection, Live(key), Times, token).ConfigureAwait(false) is not { } found)
                    return false;

                if (found.ExpiresAt == SessionExpiry.Never || found.IsModifiedWithin(_options.TouchAfter))
                    return true;
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>One command; a second one if it found nothing, and more to follow a rotation.</remarks>
    public async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var key = KeyOf(id);
        return await _connection.RunAsync(
            "Destroy", (collection, token) => EndAsync(collection, "Destroy", key, token), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Reserves the new id, turns the old document into a link to it, stores the session. Never both ids. A reader between the last
    /// two steps sees neither, and a failure there ends the session: the user has to sign in again. Once the new id is reserved,
    /// cancellation no longer stops the call.</remarks>
    public async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidId(newId);
        SessionArguments.ThrowIfInvalidVersion(version);
        content = CheckedCopy(content);
        if (id == newId)
            throw new ArgumentException("The new id must differ from the old one.", nameof(newId));

        var (key, newKey) = (KeyOf(id), KeyOf(newId));
        var reservation = ObjectId.GenerateNewId();
        var (value, isReserved) = await _connection.RunAsync("Rotate", async (collection, token) =>
        {
            var prepared = await PrepareAsync(collection, content, version, token).ConfigureAwait(false);
            return (prepared, await ReserveAsync(collection, newKey, reservation, _options, token).ConfigureAwait(false));
        }, cancellationToken).ConfigureAwait(false);

        var hasLeft = false;
        try
        {
            return await _connection.RunAsync("Rotate", MoveAsync, isReserved ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
        }
        catch (SessionStoreException exception) when (hasLeft && !exception.MayHaveWritten)
        {
            throw WriteOutcome.AfterWrite(exception);
        }

        async Task<SessionWriteResult> MoveAsync(IMongoCollection<BsonDocument> collection, CancellationToken token)
        {
            var expected = Live(key).StillHolding(version);
            if (!isReserved && await ExistsAsync(collection, expected, token).ConfigureAwait(false))
                return SessionWriteResult.NotWritten(SessionWriteStatus.Taken);

            if (isReserved)
            {
                using var old = await LeaveLinkAsync(collection, expected, newKey, _options, token).ConfigureAwait(false);
                hasLeft = old is not null;
                if (old is not null)
                    return await ArriveAsync(collection, old, newKey, reservation, value, content, token).ConfigureAwait(false);

                await CancelReservationAsync(collection, newKey, reservation, token).ConfigureAwait(false);
            }

            var isLive = !version.IsAny && await ExistsAsync(collection, Live(key), token).ConfigureAwait(false);
            return SessionWriteResult.NotWritten(isLive ? SessionWriteStatus.Conflict : SessionWriteStatus.Gone);
        }
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
        _reads?.Dispose();
        return ValueTask.CompletedTask;
    }

    private ValueTask<SessionRecord?> GetSharedAsync(
        RoundTrips<string, MongoRecord?> reads, string id, string key, SlidingExpiry? slide, CancellationToken cancellationToken) =>
        reads.RunAsync("Get", key, (Store: this, id, key, slide),
            static (call, reply, started, token) => call.Store.ReadAsync(call.id, call.key, call.slide, reply, started, token), cancellationToken);

    /// <param name="id">The id of the session.</param>
    /// <param name="key">The stored id.</param>
    /// <param name="slide">How to slide, if at all.</param>
    /// <param name="shared">What a shared round trip found, if it did.</param>
    /// <param name="started">When the call began; null for now.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    private ValueTask<SessionRecord?> ReadAsync(
        string id, string key, SlidingExpiry? slide, Reply<MongoRecord?> shared, long? started, CancellationToken cancellationToken) =>
        _connection.RunAsync("Get", async (collection, token) =>
        {
            for (var round = 1; ; round++)
            {
                // Only by its id, which is the fastest for servers; the reply says what time it is there.
                var stored = round == 1 && shared.IsKnown ? shared.Value : await FindAsync(collection, ById(key), _whole, token).ConfigureAwait(false);
                if (stored is not { IsHeld: true, IsUnexpired: true } found)
                    return null;

                var record = await found.ToRecordAsync("Get", id, _options, token).ConfigureAwait(false);
                if (slide is not { } wanted || round > SlideRounds || found.IsModifiedWithin(_options.TouchAfter)
                    || !wanted.TryExtend(record.ExpiresAt, found.Now, record.Payload.Span, out var extended))
                {
                    return record;
                }

                // The payload limits the expiry, so it must still be the stored one; if not, it is read again.
                var slid = await MongoConnection.SendAsync(() => collection.FindOneAndUpdateAsync(
                    LiveUntil(key).StillHolding(record.Version), Extension(extended, _options), Slid, token)).ConfigureAwait(false);
                if (slid is not null)
                    return new SessionRecord(id, record.Payload, slid.ExpiresAt, slid.Remaining, record.Subject, record.Version, record.Key);
            }
        }, cancellationToken, started);

    /// <summary>Stores a session under its new id, after its old document became a link.</summary>
    private async Task<SessionWriteResult> ArriveAsync(
        IMongoCollection<BsonDocument> collection, RawBsonDocument old, string newKey, ObjectId reservation, MongoRecord.Value value, SessionContent content,
        CancellationToken cancellationToken)
    {
        var isKnown = false;
        try
        {
            var isStored = await MongoCommands.ArriveAsync(
                collection, newKey, reservation, old, Arrival(value, content, _options, old), cancellationToken).ConfigureAwait(false);
            isKnown = true;
            return isStored ? SessionWriteResult.Written(value.Version(content.Subject)) : SessionWriteResult.NotWritten(SessionWriteStatus.Gone);
        }
        finally
        {
            if (!isKnown)
                Log.RotationLost(_logger);
        }
    }

    /// <summary>Converts content to the value to store, and sets up the collection before the first write.</summary>
    private async Task<MongoRecord.Value> PrepareAsync(IMongoCollection<BsonDocument> collection, SessionContent content, SessionVersion loaded, CancellationToken cancellationToken)
    {
        var payload = content.Key is { } key ? ReservedMember.JoinKey(content.Payload.Span, key) : content.Payload;
        var value = await MongoRecord.Value.EncodeAsync(payload, loaded, _options, cancellationToken).ConfigureAwait(false);
        await _setUp.OnceAsync(collection, cancellationToken).ConfigureAwait(false);
        return value;
    }

    /// <summary>Checks content and copies its payload, which the caller may change while the call runs.</summary>
    private SessionContent CheckedCopy(in SessionContent content)
    {
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes, _options.Keys);
        return new SessionContent(content.Payload.ToArray(), content.Lifetime, content.Subject, content.Key);
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
}
