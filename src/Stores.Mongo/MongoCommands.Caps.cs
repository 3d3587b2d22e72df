using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <content>What limits the sessions of a subject.</content>
/// <remarks>The log-ins of a subject that are under way have their places in one document, <c>{ _id: { caps: subject }, places: [{ id, until }] }</c>. It is no
/// session: its id is no text, and it is a reservation to connect-mongo as those of rotations are, which the server removes when its time is over.</remarks>
internal static partial class MongoCommands
{
    private const string Caps = "caps";
    private const string Places = "places";
    private const string PlaceId = "id";
    private const string Until = "until";

    private static readonly FindOneAndUpdateOptions<BsonDocument, BsonDocument> Taking = new() { IsUpsert = true, ReturnDocument = ReturnDocument.After };

    /// <summary>The documents of log-ins that are under way.</summary>
    public static BsonDocument AllPlaces => new($"{Id}.{Caps}", IsThere);

    /// <summary>Takes a place for a log-in, in one step with seeing those that have one.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="key">The stored id of the session to be.</param>
    /// <param name="life">When the place ends by itself.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <returns>The stored ids of the log-ins that took a place before and still have it.</returns>
    public static async Task<HashSet<string>> TakePlaceAsync(
        IMongoCollection<BsonDocument> collection, string subject, string key, TimeSpan life, CancellationToken cancellationToken)
    {
        var others = new BsonDocument("$filter", new BsonDocument
        {
            { "input", new BsonDocument("$ifNull", new BsonArray { "$" + Places, new BsonArray() }) },
            { "as", "place" },
            { "cond", And(new BsonDocument("$gt", new BsonArray { "$$place." + Until, ServerNow }), new BsonDocument("$ne", new BsonArray { "$$place." + PlaceId, Literal(key) })) },
        });
        var own = new BsonArray { new BsonDocument { { PlaceId, Literal(key) }, { Until, After(life) } } };
        var update = Pipeline(Set(new BsonDocument
        {
            { Session, BsonNull.Value },
            { Expires, BsonNull.Value },
            { Moved, new BsonDocument(Until, After(life)) },
            { Places, new BsonDocument("$concatArrays", new BsonArray { others, own }) },
        }));

        var after = await UpsertAsync(() => collection.FindOneAndUpdateAsync(PlacesOf(subject), update, Taking, cancellationToken)).ConfigureAwait(false);
        return after[Places].AsBsonArray.Select(static place => place[PlaceId].AsString).Where(id => id != key).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Gives up the place of a log-in that is done.</summary>
    public static Task<UpdateResult> LeavePlaceAsync(IMongoCollection<BsonDocument> collection, string subject, string key, CancellationToken cancellationToken) =>
        MongoConnection.SendAsync(() => collection.UpdateOneAsync(
            PlacesOf(subject), new BsonDocument("$pull", new BsonDocument(Places, new BsonDocument(PlaceId, key))), cancellationToken: cancellationToken));

    /// <summary>The stored ids of the live sessions of a subject, the one that joined last first. Those whose instant is not known are the last.</summary>
    public static async Task<List<string>> MembersAsync(IMongoCollection<BsonDocument> collection, string subject, CancellationToken cancellationToken)
    {
        var options = new FindOptions<BsonDocument, BsonDocument> { Projection = new BsonDocument(Joined, 1) };
        using var cursor = await collection.FindAsync(Members.OfSubject(subject).Live, options, cancellationToken).ConfigureAwait(false);
        var members = await cursor.ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. members
            .Select(static found => (Key: found[Id].AsString, Joined: found.TryGetValue(Joined, out var joined) && joined.IsValidDateTime ? joined.ToUniversalTime() : DateTime.MinValue))
            .OrderByDescending(static member => member.Joined).ThenByDescending(static member => member.Key, StringComparer.Ordinal)
            .Select(static member => member.Key)];
    }

    private static BsonDocument PlacesOf(string subject) => new(Id, new BsonDocument(Caps, subject));
}
