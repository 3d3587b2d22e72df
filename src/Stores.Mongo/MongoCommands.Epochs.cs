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
        if (await FindAsync(collection, Members.OfSubject(subject).In(Any), NowAtOne, cancellationToken).ConfigureAwait(false) is not { } found)
            return null;

        var joined = Members.OfSubject(subject, found.Now);
        await MongoConnection.SendAsync(() => collection.DeleteManyAsync(joined.Live, cancellationToken)).ConfigureAwait(false);
        return joined;
    }
}
