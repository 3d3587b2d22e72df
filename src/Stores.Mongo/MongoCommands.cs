using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <summary>The filters that find the documents of sessions, and the commands that read and remove them.</summary>
/// <remarks>
/// The names of the fields and what is live are those of connect-mongo, but the clock is that of the server (<c>$$NOW</c>), in the filters, in
/// the updates and in what is returned.
/// </remarks>
internal static partial class MongoCommands
{
    /// <summary>All sessions of the collection. A document whose id is of another type is not a session.</summary>
    public static BsonDocument Any => new(Id, new BsonDocument("$gte", ""));

    public static BsonDocument AllLive => Any.Add("$expr", Unexpired).Add("$nor", LinksAndReservations);

    public static BsonDocument Expired => Passed(Expires);

    /// <summary>Links and reservations of rotations whose time is over.</summary>
    public static BsonDocument MovedLongAgo => Passed(MovedUntil);

    public static BsonDocument ById(string key) => new(Id, key);

    public static BsonDocument Live(string key) => ById(key).Add("$expr", Unexpired).Add("$nor", LinksAndReservations);

    /// <summary>Live and with an expiry that a touch can move.</summary>
    /// <param name="key">The stored id.</param>
    /// <param name="touchAfter">Only documents that were last written or touched at least so long ago.</param>
    public static BsonDocument LiveUntil(string key, TimeSpan touchAfter = default)
    {
        var condition = ExpiresLater;
        if (touchAfter > TimeSpan.Zero)
        {
            var past = new BsonDocument("$subtract", new BsonArray { ServerNow, Milliseconds(touchAfter) });
            condition = And(ExpiresLater, new BsonDocument("$lte", new BsonArray { "$" + LastModified, past }));
        }

        return ById(key).Add("$expr", If(TypeIs(Expires, "date"), condition, false)).Add("$nor", LinksAndReservations);
    }

    /// <summary>Narrows a filter to documents that still hold what was loaded; not for any version.</summary>
    public static BsonDocument StillHolding(this BsonDocument filter, SessionVersion version)
    {
        if (version.IsAny)
            return filter;

        filter[Session] = new BsonDocument("$eq", MongoRecord.Value.OfVersion(version).ToBson());
        filter[Subject] = version.Subject is { } subject ? subject : BsonNull.Value;
        return filter;
    }

    public static async Task<MongoRecord?> FindAsync(
        IMongoCollection<BsonDocument> collection, BsonDocument filter, FindOptions<BsonDocument, MongoRecord> options, CancellationToken cancellationToken)
    {
        using var cursor = await collection.FindAsync(filter, options, cancellationToken).ConfigureAwait(false);
        return await cursor.FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds documents by their stored ids. A reply that is too large for one message comes in several.</summary>
    public static async Task<Dictionary<string, MongoRecord>> FindManyAsync(
        IMongoCollection<BsonDocument> collection, IReadOnlyList<string> keys, ProjectionDefinition<BsonDocument, MongoRecord> projection, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument(Id, new BsonDocument("$in", new BsonArray(keys.Distinct(StringComparer.Ordinal))));
        var options = new FindOptions<BsonDocument, MongoRecord> { Projection = projection, BatchSize = keys.Count + 1 }; // so many that the first message is the last
        using var cursor = await collection.FindAsync(filter, options, cancellationToken).ConfigureAwait(false);
        return (await cursor.ToListAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(static found => found.Id!, StringComparer.Ordinal);
    }

    public static async Task<bool> ExistsAsync(IMongoCollection<BsonDocument> collection, BsonDocument filter, CancellationToken cancellationToken) =>
        await FindAsync(collection, filter, Presence, cancellationToken).ConfigureAwait(false) is not null;

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
        var result = await MongoConnection.SendAsync(() => collection.DeleteManyAsync(batch, cancellationToken)).ConfigureAwait(false);
        return (result.DeletedCount, ids.Count == size);
    }

    /// <summary>Finds the documents of a page, in the order of <c>_id</c>, after the last one of the page before.</summary>
    public static async Task<List<MongoRecord>> FindPageAsync(
        IMongoCollection<BsonDocument> collection,
        BsonDocument filter,
        string after,
        int size,
        ProjectionDefinition<BsonDocument, MongoRecord> projection,
        CancellationToken cancellationToken)
    {
        // Of a subject or key by an expression, for the index on it and the id; see Members.In.
        if (after.Length > 0 && (filter.Contains(Subject) || filter.Contains(SessionKey)))
            filter.Add("$and", new BsonArray { new BsonDocument("$expr", new BsonDocument("$gt", new BsonArray { "$" + Id, Literal(after) })) });
        else if (after.Length > 0)
            filter[Id] = new BsonDocument("$gt", after);

        var options = new FindOptions<BsonDocument, MongoRecord> { Sort = new BsonDocument(Id, 1), Projection = projection, Limit = size, BatchSize = size };
        using var cursor = await collection.FindAsync(filter, options, cancellationToken).ConfigureAwait(false);
        return await cursor.ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    private static BsonDocument Passed(string field) => new()
    {
        { field, IsDate }, // for an index
        { "$expr", If(TypeIs(field, "date"), new BsonDocument("$lte", new BsonArray { "$" + field, ServerNow }), false) },
    };

    private static BsonDateTime Date(DateTimeOffset instant) => new(instant.ToUnixTimeMilliseconds());

    private static BsonInt64 Milliseconds(TimeSpan time) => new((long)time.TotalMilliseconds);
}
