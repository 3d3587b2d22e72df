using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <summary>The filters and updates on the documents of sessions, and the commands that more than one operation sends.</summary>
/// <remarks>The names of the fields and the filter of live documents are those of connect-mongo.</remarks>
internal static class MongoCommands
{
    public const string Id = "_id";
    public const string Session = "session";
    public const string Expires = "expires";
    public const string Subject = "subject";
    public const string LastModified = "lastModified";
    public const string CreatedAt = "createdAt";
    public const string UpdatedAt = "updatedAt";

    /// <summary>Finds one whole document.</summary>
    public static readonly FindOptions<BsonDocument, MongoRecord> Whole = new() { Limit = -1, Projection = Builders<BsonDocument>.Projection.As(MongoRecord.Serializer) };

    /// <summary>Finds out whether there is a document.</summary>
    public static readonly FindOptions<BsonDocument, MongoRecord> Presence = new() { Limit = -1, Projection = Only(new BsonDocument(Id, 1)) };

    /// <summary>Finds the times of a document.</summary>
    public static readonly FindOptions<BsonDocument, MongoRecord> Times = new() { Limit = -1, Projection = Only(new BsonDocument { { Expires, 1 }, { LastModified, 1 } }) };

    /// <summary>Returns the expiry of a document after a slide.</summary>
    public static readonly FindOneAndUpdateOptions<BsonDocument, MongoRecord> Slid = new() { Projection = Only(new BsonDocument(Expires, 1)), ReturnDocument = ReturnDocument.After };

    /// <summary>Returns the expiry of a document that was removed.</summary>
    public static readonly FindOneAndDeleteOptions<BsonDocument, MongoRecord> Removed = new() { Projection = Only(new BsonDocument(Expires, 1)) };

    /// <summary>Returns the whole document that was removed, as it was.</summary>
    public static readonly FindOneAndDeleteOptions<BsonDocument, RawBsonDocument> RemovedWhole = new();

    private static readonly UpdateOptions Upsert = new() { IsUpsert = true };

    /// <summary>Part of many filters at once; it never changes.</summary>
    private static readonly BsonDocument NeverExpires = new(Expires, new BsonDocument("$exists", false));

    /// <summary>All sessions of the collection. A document whose id is of another type is not a session.</summary>
    public static BsonDocument Any => new(Id, new BsonDocument("$gte", ""));

    public static BsonDocument ById(string key) => new(Id, key);

    public static BsonDocument Live(string key, DateTimeOffset now) => ById(key).Add("$or", LifeOf(now));

    /// <summary>Live and with an expiry that a touch can move.</summary>
    public static BsonDocument LiveUntil(string key, DateTimeOffset now) => ById(key).Add(Expires, new BsonDocument("$gt", Date(now)));

    /// <summary>Present, but not live.</summary>
    public static BsonDocument Dead(string key, DateTimeOffset now) => ById(key).Add("$nor", LifeOf(now));

    public static BsonDocument AllLive(DateTimeOffset now) => Any.Add("$or", LifeOf(now));

    public static BsonDocument LiveOf(string subject, DateTimeOffset now) => Any.Add(Subject, subject).Add("$or", LifeOf(now));

    public static BsonDocument Expired(DateTimeOffset now) => new(Expires, new BsonDocument("$lte", Date(now)));

    /// <summary>Narrows a filter to documents that were last written or touched before an instant.</summary>
    public static BsonDocument LastModifiedBefore(this BsonDocument filter, DateTimeOffset instant) => filter.Add("$or", new BsonArray
    {
        new BsonDocument(LastModified, new BsonDocument("$exists", false)),
        new BsonDocument(LastModified, new BsonDocument("$lte", Date(instant))),
    });

    /// <summary>Narrows a filter to documents that still hold what was loaded.</summary>
    public static BsonDocument StillHolding(this BsonDocument filter, SessionVersion version) => filter
        .Add(Session, new BsonDocument("$eq", MongoRecord.Value.OfVersion(version).ToBson()))
        .Add(Subject, version.Subject is { } subject ? subject : BsonNull.Value);

    /// <summary>Puts content into a document: a new one, or one whose unknown fields are kept.</summary>
    public static BsonDocument Fill(BsonDocument document, string key, MongoRecord.Value value, in SessionContent content, MongoStoreOptions options, DateTimeOffset now)
    {
        document[Id] = key;
        foreach (var change in Changes(value, content, options, now))
        {
            if (change.Value.IsBsonNull)
                document.Remove(change.Name);
            else
                document[change.Name] = change.Value;
        }

        if (options.Timestamps && !document.Contains(CreatedAt))
            document[CreatedAt] = Date(now);

        return document;
    }

    /// <summary>The update that puts content into a document that is present, or may be.</summary>
    public static BsonDocument Update(MongoRecord.Value value, in SessionContent content, MongoStoreOptions options, DateTimeOffset now, bool upsert = false)
    {
        var set = Changes(value, content, options, now);
        var unset = new BsonDocument();
        foreach (var name in (ReadOnlySpan<string>)[Expires, Subject])
        {
            if (set[name].IsBsonNull)
            {
                set.Remove(name);
                unset.Add(name, "");
            }
        }

        var update = new BsonDocument("$set", set);
        if (unset.ElementCount > 0)
            update.Add("$unset", unset);

        if (upsert && options.Timestamps)
            update.Add("$setOnInsert", new BsonDocument(CreatedAt, Date(now)));

        return update;
    }

    /// <summary>The update that moves the expiry forward, never back.</summary>
    public static BsonDocument Extension(DateTimeOffset expiresAt, MongoStoreOptions options, DateTimeOffset now)
    {
        var update = expiresAt == SessionExpiry.Never
            ? new BsonDocument("$unset", new BsonDocument(Expires, ""))
            : new BsonDocument("$max", new BsonDocument(Expires, Date(expiresAt)));

        var stamps = new BsonDocument();
        Stamp(stamps, options, now);
        return stamps.ElementCount > 0 ? update.Add("$set", stamps) : update;
    }

    public static async Task<MongoRecord?> FindAsync(
        IMongoCollection<BsonDocument> collection, BsonDocument filter, FindOptions<BsonDocument, MongoRecord> options, CancellationToken cancellationToken)
    {
        using var cursor = await collection.FindAsync(filter, options, cancellationToken).ConfigureAwait(false);
        return await cursor.FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    public static async Task<bool> ExistsAsync(IMongoCollection<BsonDocument> collection, BsonDocument filter, CancellationToken cancellationToken) =>
        await FindAsync(collection, filter, Presence, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Finds the documents of a page, in the order of <c>_id</c>, after the last one of the page before.</summary>
    public static async Task<List<MongoRecord>> FindPageAsync(
        IMongoCollection<BsonDocument> collection, BsonDocument filter, string after, int size, CancellationToken cancellationToken)
    {
        if (after.Length > 0)
            filter[Id] = new BsonDocument("$gt", after);

        var options = new FindOptions<BsonDocument, MongoRecord> { Sort = new BsonDocument(Id, 1), Projection = Whole.Projection, Limit = size, BatchSize = size };
        using var cursor = await collection.FindAsync(filter, options, cancellationToken).ConfigureAwait(false);
        return await cursor.ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores a document under an id that is free or whose holder has expired.</summary>
    /// <remarks>An insert instead of an upsert: of parallel upserts of a new id some compatible servers let several win.</remarks>
    /// <returns>Whether it was stored; false when the id is taken.</returns>
    public static async Task<bool> InsertAsync(
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
                var replaced = await collection.ReplaceOneAsync(Dead(key, now), document, cancellationToken: cancellationToken).ConfigureAwait(false);
                if (replaced.MatchedCount == 1)
                    return true;
            }
        }

        return false;
    }

    /// <summary>Updates a document, or inserts it.</summary>
    public static async Task<UpdateResult> UpsertAsync(IMongoCollection<BsonDocument> collection, string key, BsonDocument update, CancellationToken cancellationToken)
    {
        try
        {
            return await collection.UpdateOneAsync(ById(key), update, Upsert, cancellationToken).ConfigureAwait(false);
        }
        catch (MongoException exception) when (MongoFaults.IsDuplicateKey(exception))
        {
            // Two upserts of a new id can both decide to insert; the loser finds the document now.
            return await collection.UpdateOneAsync(ById(key), update, Upsert, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Removes a document and returns it, or null when none matches.</summary>
    /// <remarks>MongoDB needs only the first command. Some compatible servers skip a document that is being written at that moment, and a
    /// destroyed session must not stay (L9); so a document counts as gone only after a read has found nothing.</remarks>
    public static async Task<T?> RemoveAsync<T>(
        IMongoCollection<BsonDocument> collection, string operation, BsonDocument filter, FindOneAndDeleteOptions<BsonDocument, T> options, CancellationToken cancellationToken)
        where T : class
    {
        for (var round = 0; round < 10; round++)
        {
            var removed = await collection.FindOneAndDeleteAsync(filter, options, cancellationToken).ConfigureAwait(false);
            if (removed is not null || !await ExistsAsync(collection, filter, cancellationToken).ConfigureAwait(false))
                return removed;
        }

        throw new SessionStoreException(
            nameof(MongoStore), operation, SessionStoreFault.Failed, "The MongoDB server says that it removed nothing, but the document is still there.");
    }

    /// <summary>Removes up to <paramref name="size"/> documents.</summary>
    /// <returns>How many were removed, and whether there may be more.</returns>
    public static async Task<(long Removed, bool MayHaveMore)> RemoveBatchAsync(
        IMongoCollection<BsonDocument> collection, BsonDocument filter, int size, CancellationToken cancellationToken)
    {
        var options = new FindOptions<BsonDocument, BsonDocument> { Projection = new BsonDocument(Id, 1), Limit = size, BatchSize = size };
        using var cursor = await collection.FindAsync(filter, options, cancellationToken).ConfigureAwait(false);
        var ids = new BsonArray((await cursor.ToListAsync(cancellationToken).ConfigureAwait(false)).Select(static found => found[Id]));
        if (ids.Count == 0)
            return (0, false);

        // A document that was found expired may have been written since; so the filter is checked again.
        var batch = new BsonDocument("$and", new BsonArray { new BsonDocument(Id, new BsonDocument("$in", ids)), filter });
        var result = await collection.DeleteManyAsync(batch, cancellationToken).ConfigureAwait(false);
        return (result.DeletedCount, ids.Count == size);
    }

    private static BsonDateTime Date(DateTimeOffset instant) => new(instant.ToUnixTimeMilliseconds());

    private static BsonArray LifeOf(DateTimeOffset now) =>
    [
        NeverExpires,
        new BsonDocument(Expires, new BsonDocument("$gt", Date(now))),
    ];

    private static BsonDocumentProjectionDefinition<BsonDocument, MongoRecord> Only(BsonDocument fields) => new(fields, MongoRecord.Serializer);

    /// <summary>The fields that a write sets; null for those that it removes.</summary>
    private static BsonDocument Changes(MongoRecord.Value value, in SessionContent content, MongoStoreOptions options, DateTimeOffset now)
    {
        var expiresAt = content.Lifetime.ExpiryAt(now);
        var changes = new BsonDocument
        {
            { Session, value.ToBson() },
            { Expires, expiresAt == SessionExpiry.Never ? BsonNull.Value : Date(expiresAt) },
            { Subject, content.Subject is null ? BsonNull.Value : content.Subject },
        };
        Stamp(changes, options, now);
        return changes;
    }

    private static void Stamp(BsonDocument changes, MongoStoreOptions options, DateTimeOffset now)
    {
        if (options.TouchAfter > TimeSpan.Zero)
            changes.Add(LastModified, Date(now));

        if (options.Timestamps)
            changes.Add(UpdatedAt, Date(now));
    }
}
