using System.Runtime.CompilerServices;
using MongoDB.Bson;
using MongoDB.Driver;

namespace SessionStores.Mongo;

/// <content>Enumeration, subjects and pruning.</content>
public sealed partial class MongoStore
{
    /// <summary>How many documents a stream holds at once.</summary>
    private const int PageSize = 100;

    private const int ClearBatch = 1000;

    /// <inheritdoc/>
    /// <remarks>Pages of 100 in the order of <c>_id</c>; no cursor stays open at the server between them. With
    /// <see cref="MongoStoreOptions.TransformId"/> the ids are the stored ones.</remarks>
    public IAsyncEnumerable<SessionRecord> AllAsync(CancellationToken cancellationToken = default) =>
        StreamAsync("All", SessionDocument.AllLive, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Counts documents that are live, those that cannot be read included.</remarks>
    public async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        await RunAsync("Length", (collection, token) =>
            collection.CountDocumentsAsync(SessionDocument.AllLive(_time.GetUtcNow()), cancellationToken: token), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <remarks>Removes every document whose <c>_id</c> is text, in batches of 1,000. The indexes stay.</remarks>
    public async ValueTask ClearAsync(CancellationToken cancellationToken = default) =>
        await RemoveAsync("Clear", SessionDocument.Any, ClearBatch, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public IAsyncEnumerable<SessionRecord> ListBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return StreamAsync("ListBySubject", now => SessionDocument.LiveOf(subject, now), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>One command. A session of the subject that is being rotated at that moment can be between its two ids and stay.</remarks>
    public async ValueTask<long> DestroyBySubjectAsync(string subject, string? exceptId = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        if (exceptId is not null)
            SessionArguments.ThrowIfInvalidId(exceptId);

        var kept = exceptId is null ? null : KeyOf(exceptId);
        return await RunAsync("DestroyBySubject", async (collection, token) =>
        {
            var filter = SessionDocument.LiveOf(subject, _time.GetUtcNow());
            if (kept is not null)
                filter[SessionDocument.Id].AsBsonDocument.Add("$ne", kept);

            return (await collection.DeleteManyAsync(filter, token).ConfigureAwait(false)).DeletedCount;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>False only with <see cref="AutoRemove.Interval"/>: otherwise the server or another system removes expired documents.</remarks>
    public bool PrunesItself => _options.AutoRemove != AutoRemove.Interval;

    /// <inheritdoc/>
    /// <remarks>With the TTL index the server does this within about a minute, and nobody has to call it.</remarks>
    public async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        if (batchSize is < 1 or > 100_000)
            throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, "The batch size must be 1 to 100,000.");

        return await RemoveAsync("Prune", SessionDocument.Expired(_time.GetUtcNow()), batchSize, cancellationToken).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<SessionRecord> StreamAsync(
        string operation, Func<DateTimeOffset, BsonDocument> filterAt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = "";
        var unreadable = 0L;
        var isLastPage = false;
        while (!isLastPage)
        {
            var records = new List<SessionRecord>(PageSize);
            await RunAsync(operation, async (collection, token) =>
            {
                var filter = filterAt(_time.GetUtcNow());
                if (last.Length > 0)
                    filter[SessionDocument.Id] = new BsonDocument("$gt", last);

                var options = new FindOptions<BsonDocument, FoundSession> { Sort = SessionDocument.OnlyId, Projection = FoundSession.Whole.Projection, Limit = PageSize, BatchSize = PageSize };
                using var cursor = await collection.FindAsync(filter, options, token).ConfigureAwait(false);
                var page = await cursor.ToListAsync(token).ConfigureAwait(false);
                foreach (var found in page)
                {
                    last = found.Id!;
                    try
                    {
                        records.Add((await ReadAsync(operation, last, found, token).ConfigureAwait(false)).Record);
                    }
                    catch (SessionStoreException exception) when (exception.Fault == SessionStoreFault.Unreadable)
                    {
                        unreadable++;
                    }
                }

                isLastPage = page.Count < PageSize;
                return true;
            }, cancellationToken).ConfigureAwait(false);

            foreach (var record in records)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
            }
        }

        if (unreadable > 0)
            Log.UnreadablePassedOver(_logger, unreadable);
    }

    private async Task<long> RemoveAsync(string operation, BsonDocument filter, int batchSize, CancellationToken cancellationToken)
    {
        var removed = 0L;
        var isLastBatch = false;
        while (!isLastBatch)
        {
            removed += await RunAsync(operation, async (collection, token) =>
            {
                var options = new FindOptions<BsonDocument, BsonDocument> { Projection = SessionDocument.OnlyId, Limit = batchSize, BatchSize = batchSize };
                using var cursor = await collection.FindAsync(filter, options, token).ConfigureAwait(false);
                var ids = new BsonArray((await cursor.ToListAsync(token).ConfigureAwait(false)).Select(static found => found[SessionDocument.Id]));
                isLastBatch = ids.Count < batchSize;
                if (ids.Count == 0)
                    return 0;

                // What was found expired may have been written anew since; the filter looks again.
                var batch = new BsonDocument("$and", new BsonArray { new BsonDocument(SessionDocument.Id, new BsonDocument("$in", ids)), filter });
                return (await collection.DeleteManyAsync(batch, token).ConfigureAwait(false)).DeletedCount;
            }, cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }
}
