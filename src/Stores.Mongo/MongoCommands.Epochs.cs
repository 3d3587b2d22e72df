using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <content>The end of all sessions that have joined a subject by some time.</content>
internal static partial class MongoCommands
{
    /// <summary>Removes the live sessions that have joined a subject by the time of the server.</summary>
    /// <returns>Which those were; null when the subject has none. Sessions that are being rotated, and what a compatible server has skipped, are still there.</returns>
    public static async Task<Members?> RemoveMembersAsync(IMongoCollection<BsonDocument> collection, string subject, CancellationToken cancellationToken)
    {
        // A session of the subject, or the link that a rotation has left of it, is there throughout.
        if (await FindAsync(collection, new Members(subject).In(Any), NowAtOne, cancellationToken).ConfigureAwait(false) is not { } found)
            return null;

        var joined = new Members(subject, found.Now);
        await MongoConnection.SendAsync(() => collection.DeleteManyAsync(joined.In(AllLive), cancellationToken)).ConfigureAwait(false);
        return joined;
    }

    /// <summary>The sessions of a subject, and the links that rotations have left of them.</summary>
    /// <param name="Subject">The subject.</param>
    /// <param name="JoinedBy">Only those that had joined by then, or of which that is not known; null for all.</param>
    public sealed record Members(string Subject, DateTimeOffset? JoinedBy = null)
    {
        /// <summary>Narrows a filter to them.</summary>
        public BsonDocument In(BsonDocument filter)
        {
            // DocumentDB reads every entry of the index of the ids that is in a range, however few sessions the subject has.
            if (filter.Contains(Id))
                filter[Id] = IsText;

            filter.Add(MongoCommands.Subject, Subject);
            return JoinedBy is { } instant ? filter.Add(Joined, new BsonDocument("$not", new BsonDocument("$gt", Date(instant)))) : filter;
        }

        public bool Has(MongoRecord found) => found.HasSubject(Subject) && (JoinedBy is null || found.HasJoinedBy(JoinedBy.Value));
    }
}
