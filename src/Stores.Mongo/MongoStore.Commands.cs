using System.Text;
using System.Text.Unicode;
using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <content>What the operations share: one time limit, one translation of faults, one way to read and to insert.</content>
public sealed partial class MongoStore
{
    private readonly Lock _setUpLock = new();
    private Task? _setUp;

    private string KeyOf(string id)
    {
        if (_options.TransformId is not { } transform)
            return id;

        var key = transform(id);
        return !string.IsNullOrEmpty(key)
            ? key
            : throw new InvalidOperationException($"{nameof(MongoStoreOptions)}.{nameof(MongoStoreOptions.TransformId)} must answer a text that is not empty.");
    }

    private SessionContent CheckedCopy(in SessionContent content)
    {
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes);
        return new SessionContent(content.Payload.ToArray(), content.ExpiresAt, content.Subject);
    }

    private BsonDocument? OriginalOf(StoredSession loaded) => _codec.KeepsSubDocuments ? loaded.ToSubDocument() : null;

    private bool IsLatelyTouched(FoundSession found, DateTimeOffset now) =>
        _options.TouchAfter > TimeSpan.Zero && found.IsModifiedWithin(_options.TouchAfter, now);

    private async Task<T> RunAsync<T>(string operation, Func<IMongoCollection<BsonDocument>, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();

        var limit = _limits.Begin(cancellationToken);
        try
        {
            var collection = await _connection.CollectionAsync(limit.Token).ConfigureAwait(false);
            var result = await work(collection, limit.Token).ConfigureAwait(false);
            limit.Complete();
            return result;
        }
        catch (Exception exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var translated = MongoFaults.Translate(exception, operation, _options, limit.Token.IsCancellationRequested, _connection.IsConnected);
            if (translated is null)
                throw;

            throw translated;
        }
        finally
        {
            limit.Dispose();
        }
    }

    private static async Task<FoundSession?> FindAsync(
        IMongoCollection<BsonDocument> collection, BsonDocument filter, FindOptions<BsonDocument, FoundSession> options, CancellationToken cancellationToken)
    {
        using var cursor = await collection.FindAsync(filter, options, cancellationToken).ConfigureAwait(false);
        return await cursor.FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a document away and answers it, or null when none fits.</summary>
    /// <remarks>MongoDB needs the first command alone. Some compatible servers pass over a document that is being written at that moment,
    /// and a destroyed session must not stay (L9); so nothing counts as gone before a read has found nothing.</remarks>
    private static async Task<T?> TakeAsync<T>(
        IMongoCollection<BsonDocument> collection, string operation, BsonDocument filter, FindOneAndDeleteOptions<BsonDocument, T> options, CancellationToken cancellationToken)
        where T : class
    {
        for (var round = 0; round < 10; round++)
        {
            var taken = await collection.FindOneAndDeleteAsync(filter, options, cancellationToken).ConfigureAwait(false);
            if (taken is not null || await FindAsync(collection, filter, FoundSession.Presence, cancellationToken).ConfigureAwait(false) is null)
                return taken;
        }

        throw new SessionStoreException(
            nameof(MongoStore), operation, SessionStoreFault.Failed, "The MongoDB server says that it removed nothing, but the document is still there.");
    }

    private async ValueTask<(SessionRecord Record, StoredSession Stored)> ReadAsync(string operation, string id, FoundSession found, CancellationToken cancellationToken)
    {
        if (found.Session is { } stored && Utf8.IsValid(found.Subject) && await _codec.DecodeAsync(stored, cancellationToken).ConfigureAwait(false) is { } payload)
        {
            var subject = found.Subject is { } utf8 ? Encoding.UTF8.GetString(utf8) : null;
            return (new SessionRecord(id, payload, found.ExpiresAt, subject, stored.Version(subject)), stored);
        }

        throw new SessionStoreException(
            nameof(MongoStore),
            operation,
            SessionStoreFault.Unreadable,
            "The stored session cannot be read: its field session or subject is missing or of another type, it is not a JSON object, or it is encrypted with a secret that is not in the options. It is left as it is.");
    }

    /// <summary>Stores a document under an id that is free or whose holder has expired.</summary>
    /// <remarks>An insert and no upsert: of parallel upserts of a new id some compatible servers let several win.</remarks>
    private static async Task<bool> InsertAsync(
        IMongoCollection<BsonDocument> collection, string key, BsonDocument document, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The second round is for a holder that expired and was removed between the two commands of the first.
        for (var round = 0; round < 2; round++)
        {
            try
            {
                await collection.InsertOneAsync(document, cancellationToken: cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (MongoException exception) when (MongoFaults.IsDuplicateKey(exception))
            {
                var replaced = await collection.ReplaceOneAsync(SessionDocument.Dead(key, now), document, cancellationToken: cancellationToken).ConfigureAwait(false);
                if (replaced.MatchedCount == 1)
                    return true;
            }
        }

        return false;
    }

    private static async Task<UpdateResult> UpsertAsync(
        IMongoCollection<BsonDocument> collection, string key, BsonDocument update, CancellationToken cancellationToken)
    {
        var options = new UpdateOptions { IsUpsert = true };
        try
        {
            return await collection.UpdateOneAsync(SessionDocument.ById(key), update, options, cancellationToken).ConfigureAwait(false);
        }
        catch (MongoException exception) when (MongoFaults.IsDuplicateKey(exception))
        {
            // Two upserts of a new id can both decide to insert; for the loser the document is there now.
            return await collection.UpdateOneAsync(SessionDocument.ById(key), update, options, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes the indexes before the first write, once for all callers, and again at the next write when it failed.</summary>
    private Task SetUpOnceAsync(IMongoCollection<BsonDocument> collection, CancellationToken cancellationToken)
    {
        if (_setUp is { IsCompletedSuccessfully: true })
            return Task.CompletedTask;

        lock (_setUpLock)
        {
            if (_setUp is null or { IsFaulted: true } or { IsCanceled: true })
                _setUp = EnsureAsync();

            return _setUp.WaitAsync(cancellationToken);
        }

        // Not the token of the caller who happens to be the first.
        async Task EnsureAsync()
        {
            await Task.Yield();
            using var limit = new CancellationTokenSource(_options.OperationTimeout);
            await _indexes.EnsureAsync(collection, limit.Token).ConfigureAwait(false);
        }
    }
}
