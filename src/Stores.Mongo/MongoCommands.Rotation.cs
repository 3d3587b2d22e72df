using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <content>
/// The commands of a rotation, and those that end a session wherever rotations have moved it.
/// </content>
/// <remarks>
/// A rotation (1) reserves the new id, (2) turns the old document into a link to it, (3) puts the session in the place of the reservation.
/// So whoever finds a link finds the reservation or the session behind it, and by removing either ends the session: without its reservation
/// the third step does nothing. Neither links nor reservations are live, for connect-mongo too: <c>expires</c> is there and not a date.
/// </remarks>
internal static partial class MongoCommands
{
    /// <summary>Reserves an id for a rotation.</summary>
    /// <returns>False when the id is taken.</returns>
    public static Task<bool> ReserveAsync(
        IMongoCollection<BsonDocument> collection, string newKey, ObjectId reservation, MongoStoreOptions options, CancellationToken cancellationToken)
    {
        var changes = new BsonDocument
        {
            { Session, BsonNull.Value },
            { Expires, BsonNull.Value },
            { Subject, Absent },
            { Moved, MovedFor("by", reservation) },
        };
        if (options.Keys)
            changes.Add(SessionKey, Absent);

        return TakeAsync(collection, newKey, changes, cancellationToken);
    }

    /// <summary>Gives up a reservation whose rotation did not happen.</summary>
    public static Task CancelReservationAsync(IMongoCollection<BsonDocument> collection, string newKey, ObjectId reservation, CancellationToken cancellationToken) =>
        MongoConnection.SendAsync(() => collection.DeleteOneAsync(ReservedBy(newKey, reservation), cancellationToken));

    /// <summary>Turns the document of a session into a link to its new id.</summary>
    /// <returns>The document as it was, or null when none matches.</returns>
    public static async Task<RawBsonDocument?> LeaveLinkAsync(
        IMongoCollection<BsonDocument> collection, BsonDocument filter, string newKey, MongoStoreOptions options, CancellationToken cancellationToken)
    {
        // The subject, since when it was that, and the key stay, so that a search by them which began before finds the link where the session was.
        var left = new BsonDocument
        {
            { Session, BsonNull.Value },
            { Expires, BsonNull.Value },
            { Subject, "$" + Subject },
            { Joined, "$" + Joined },
            { Moved, MovedFor("to", Literal(newKey)) },
        };
        if (options.Keys)
            left.Add(SessionKey, "$" + SessionKey);

        var link = Pipeline(new BsonDocument("$replaceWith", left));

        RawBsonDocument? old;
        do
        {
            // MongoDB needs only this command. Some compatible servers skip a document that is being written at that moment.
            old = await MongoConnection.SendAsync(() => collection.FindOneAndUpdateAsync(filter, link, AsItWas, cancellationToken)).ConfigureAwait(false);
        }
        while (old is null && await ExistsAsync(collection, filter, cancellationToken).ConfigureAwait(false));

        return old;
    }

    /// <summary>Puts a rotated session in the place of its reservation. Unknown fields of the old document are kept.</summary>
    /// <returns>False when the reservation is no longer there: the session was ended in between.</returns>
    public static async Task<bool> ArriveAsync(
        IMongoCollection<BsonDocument> collection, string newKey, ObjectId reservation, BsonDocument old, BsonDocument changes, CancellationToken cancellationToken)
    {
        var kept = new BsonDocument();
        foreach (var element in old)
        {
            // Without the option the field of a key is unknown too.
            if (element.Name is not (Id or Session or Expires or Subject or Joined or Moved or Claimed) && !(element.Name == SessionKey && changes.Contains(SessionKey)))
                kept[element.Name] = element.Value;
        }

        var document = kept.ElementCount == 0 ? changes : new BsonDocument("$mergeObjects", new BsonArray { Literal(kept), changes });
        var update = Pipeline(new BsonDocument("$replaceWith", document));
        var result = await MongoConnection.SendAsync(() =>
            collection.UpdateOneAsync(ReservedBy(newKey, reservation), update, cancellationToken: cancellationToken)).ConfigureAwait(false);
        return result.MatchedCount == 1;
    }

    /// <summary>The fields of a session that arrives under its new id.</summary>
    public static BsonDocument Arrival(MongoRecord.Value value, in SessionContent content, MongoStoreOptions options, BsonDocument old)
    {
        var changes = Changes(value, content, options);
        if (content.Subject is not null)
            changes[Joined] = old.GetValue(Subject, BsonNull.Value) != content.Subject ? ServerNow : old.TryGetValue(Joined, out var joined) ? joined : Absent;

        if (options.Timestamps && !old.Contains(CreatedAt))
            changes.Add(CreatedAt, ServerNow);

        return changes;
    }

    /// <summary>Finds a document without its payload, to see whether it is a link.</summary>
    public static Task<MongoRecord?> FindLinkAsync(IMongoCollection<BsonDocument> collection, string key, CancellationToken cancellationToken) =>
        FindAsync(collection, ById(key), TraceOne(null), cancellationToken);

    /// <summary>Ends the session under an id, or the one that it became.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="operation">The operation of the store.</param>
    /// <param name="key">The stored id.</param>
    /// <param name="cancellationToken">Cancels the commands.</param>
    /// <param name="of">Only a session that is one of these; null for any.</param>
    /// <param name="kept">Ids that are not ended, nor what is behind them.</param>
    /// <param name="hop">How many links were followed to the id.</param>
    /// <returns>Whether a live session was ended.</returns>
    public static async Task<bool> EndAsync(
        IMongoCollection<BsonDocument> collection,
        string operation,
        string key,
        CancellationToken cancellationToken,
        Members? of = null,
        HashSet<string>? kept = null,
        int hop = 0)
    {
        var ended = false;
        for (string? next = key; next is not null && hop <= RotationLink.MaxHops && kept?.Contains(next) != true; hop++)
        {
            var (wasLive, movedTo) = await EndOneAsync(collection, operation, next, of, isLinked: hop > 0, cancellationToken).ConfigureAwait(false);
            ended |= wasLive;
            next = movedTo;
        }

        return ended;
    }

    /// <summary>Ends the live sessions of a subject or key that are stored after an id, one page.</summary>
    /// <returns>How many were ended, and the last id of the page; null when it was the last page.</returns>
    /// <remarks>A session that is rotated while the page is read is found as session or as link, for its document stays where it was.</remarks>
    public static async Task<(long Ended, string? Last)> EndPageAsync(
        IMongoCollection<BsonDocument> collection, string operation, Members of, IReadOnlyCollection<string> exceptKeys, string after, int size, CancellationToken cancellationToken)
    {
        var page = await FindPageAsync(collection, of.In(LiveOrLink), after, size, TraceOf(of), cancellationToken).ConfigureAwait(false);
        if (page.Count == 0)
            return (0, null);

        // Only now: an exception that was rotated before the page was read has a link by now.
        var kept = await FollowAsync(collection, exceptKeys, cancellationToken).ConfigureAwait(false);
        var links = page.Where(static found => found.LinkedTo is not null).ToList();
        var held = page.Where(found => found.IsHeld && !kept.Contains(found.Id!)).Select(static found => found.Id!).ToList();
        var ended = await EndAllAsync(collection, operation, of, held, kept, cancellationToken).ConfigureAwait(false);
        foreach (var link in links)
        {
            if (!kept.Contains(link.Id!) && await EndAsync(collection, operation, link.LinkedTo!, cancellationToken, of, kept, hop: 1).ConfigureAwait(false))
                ended++;
        }

        return (ended, page.Count == size ? page[^1].Id : null);
    }

    /// <summary>Ends sessions that were just seen to be live and of a subject or key, by a few commands.</summary>
    /// <returns>How many were ended.</returns>
    public static async Task<long> EndAllAsync(
        IMongoCollection<BsonDocument> collection, string operation, Members of, List<string> keys, HashSet<string>? kept, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
            return 0;

        var ids = new BsonDocument("$in", new BsonArray(keys));
        var filter = of.Live;
        filter[Id] = ids;
        var ended = (await MongoConnection.SendAsync(() => collection.DeleteManyAsync(filter, cancellationToken)).ConfigureAwait(false)).DeletedCount;
        if (ended == keys.Count)
            return ended;

        // Some were rotated, or ended, or got another subject or key since they were seen.
        foreach (var left in await FindPageAsync(collection, new BsonDocument(Id, ids), "", keys.Count, TraceOf(of), cancellationToken).ConfigureAwait(false))
        {
            if (await EndAsync(collection, operation, left.Id!, cancellationToken, of, kept).ConfigureAwait(false))
                ended++;
        }

        return ended;
    }

    /// <summary>Ends the session under one id.</summary>
    /// <returns>Whether it was live, and the id to go on with when it was rotated.</returns>
    private static async Task<(bool WasLive, string? MovedTo)> EndOneAsync(
        IMongoCollection<BsonDocument> collection, string operation, string key, Members? of, bool isLinked, CancellationToken cancellationToken)
    {
        var held = new BsonDocument("$nor", LinksAndReservations);
        if (of is not null)
            held = of.In(held);

        // Behind a link a reservation is a session on its way; under the id that was asked for it is one that is not there yet.
        var filter = isLinked
            ? ById(key).Add("$or", new BsonArray { held, new BsonDocument { { Session, BsonNull.Value }, { MovedBy, IsThere } } })
            : ById(key).AddRange(held);

        for (var round = 0; round < 10; round++)
        {
            if (await MongoConnection.SendAsync(() => collection.FindOneAndDeleteAsync(filter, TraceRemoved(of), cancellationToken)).ConfigureAwait(false) is { } removed)
                return (removed.IsHeld ? removed.IsUnexpired : removed.IsReserved, removed.LinkedTo);

            if (await FindAsync(collection, ById(key), TraceOne(of), cancellationToken).ConfigureAwait(false) is not { } left)
                return (false, null);

            // Otherwise it is still there. MongoDB does not do that; some compatible servers skip a document that is being written at that
            // moment, and a destroyed session must not stay (L9).
            if (left.IsHeld ? of is not null && !of.Has(left) : !isLinked || !left.IsReserved)
                return (false, left.IsHeld ? null : left.LinkedTo);
        }

        throw new SessionStoreException(
            nameof(MongoStore), operation, SessionStoreFault.Failed, "The MongoDB server says that it removed nothing, but the document is still there.");
    }

    /// <summary>Returns ids and those that they became.</summary>
    private static async Task<HashSet<string>> FollowAsync(
        IMongoCollection<BsonDocument> collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var all = new HashSet<string>(keys, StringComparer.Ordinal);
        for (var hop = 0; keys.Count > 0 && hop < RotationLink.MaxHops; hop++)
        {
            var filter = new BsonDocument { { Id, new BsonDocument("$in", new BsonArray(keys)) }, { MovedTo, IsThere } };
            var links = await FindPageAsync(collection, filter, "", keys.Count, TraceOf(null), cancellationToken).ConfigureAwait(false);
            keys = [.. links.Select(static link => link.LinkedTo).OfType<string>().Where(all.Add)];
        }

        return all;
    }

    private static BsonDocument LiveOrLink => Any.Add("$or", new BsonArray { new BsonDocument("$expr", Unexpired), new BsonDocument(MovedTo, IsThere) });

    private static BsonDocument ReservedBy(string key, ObjectId reservation) => ById(key).Add(MovedBy, reservation);

    private static BsonDocument MovedFor(string name, BsonValue value) => new() { { name, value }, { "until", After(RotationLink.Life) } };
}
