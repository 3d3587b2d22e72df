using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <content>Claims of expired sessions: a field of the document, which the next session of its id does not have.</content>
/// <remarks>
/// <c>{ claimed: { by: ObjectId, until: date, count: number } }</c>. One update decides which of several claimers gets a document. It and the confirmation look at the expiry again,
/// since a peer may write over an expired document, or extend it, without removing the field.
/// </remarks>
internal static partial class MongoCommands
{
    public const string Claimed = "claimed";
    private const string ClaimedBy = "claimed.by";
    private const string ClaimedUntil = "claimed.until";
    private const string ClaimCount = "claimed.count";

    /// <summary>Claims up to <paramref name="size"/> expired sessions.</summary>
    /// <returns>Those that were claimed, and how many were found before: other claimers may have been faster.</returns>
    public static async Task<(List<MongoRecord> Claimed, int Found)> ClaimAsync(
        IMongoCollection<BsonDocument> collection, ObjectId claim, int size, TimeSpan lease, ProjectionDefinition<BsonDocument, MongoRecord> projection, CancellationToken cancellationToken)
    {
        var options = new FindOptions<BsonDocument, BsonDocument> { Projection = new BsonDocument(Id, 1), Limit = size, BatchSize = size };
        using var expired = await collection.FindAsync(Claimable(Any), options, cancellationToken).ConfigureAwait(false);
        var keys = (await expired.ToListAsync(cancellationToken).ConfigureAwait(false)).ConvertAll(static found => found[Id]);
        if (keys.Count == 0)
            return ([], 0);

        var found = new BsonDocument(Id, new BsonDocument("$in", new BsonArray(keys)));
        var count = new BsonDocument("$add", new BsonArray { new BsonDocument("$ifNull", new BsonArray { "$" + ClaimCount, 0 }), 1 });
        var update = Pipeline(Set(new BsonDocument(Claimed, new BsonDocument { { "by", claim }, { "until", After(lease) }, { "count", count } })));
        await MongoConnection.SendAsync(() => collection.UpdateManyAsync(Claimable((BsonDocument)found.DeepClone()), update, cancellationToken: cancellationToken)).ConfigureAwait(false);
        return (await FindPageAsync(collection, found.Add(ClaimedBy, claim), "", size, projection, cancellationToken).ConfigureAwait(false), keys.Count);
    }

    /// <summary>Removes claimed documents, unless another claim has got them, or their id was used again.</summary>
    public static Task ConfirmAsync(IMongoCollection<BsonDocument> collection, IEnumerable<ObjectId> claims, IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument("$and", new BsonArray
        {
            new BsonDocument { { Id, new BsonDocument("$in", new BsonArray(keys)) }, { ClaimedBy, new BsonDocument("$in", new BsonArray(claims)) } },
            Expired,
        });
        return MongoConnection.SendAsync(() => collection.DeleteManyAsync(filter, cancellationToken));
    }

    /// <summary>Expired sessions that are not claimed, or whose lease is over.</summary>
    private static BsonDocument Claimable(BsonDocument documents)
    {
        var isFree = Or(TypeIs(ClaimedUntil, "missing"), new BsonDocument("$lte", new BsonArray { "$" + ClaimedUntil, ServerNow }));
        var isExpired = new BsonDocument("$lte", new BsonArray { "$" + Expires, ServerNow });
        documents[Expires] = IsDate; // for an index
        return documents.Add("$expr", If(TypeIs(Expires, "date"), And(isExpired, isFree), false)).Add("$nor", LinksAndReservations);
    }
}
