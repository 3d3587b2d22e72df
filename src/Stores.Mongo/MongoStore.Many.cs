using System.Runtime.CompilerServices;
using MongoDB.Bson;
using static SessionStores.Mongo.MongoCommands;

namespace SessionStores.Mongo;

/// <content>Enumeration and pruning.</content>
public sealed partial class MongoStore
{
    /// <summary>How many documents an enumeration holds at once.</summary>
    private const int PageSize = 100;

    /// <summary>How many documents are removed at once.</summary>
    private const int BatchSize = 1000;

    /// <inheritdoc/>
    /// <remarks>Pages of 100 in the order of <c>_id</c>; no cursor stays open at the server between them. With
    /// <see cref="MongoStoreOptions.TransformId"/> the ids are the stored ones.</remarks>
    public async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var unreadable = 0L;
        for (var (last, isMore) = ("", true); isMore;)
        {
            var page = await ReadPageAsync("All", AllLive, last, PageSize, withPayloads, cancellationToken).ConfigureAwait(false);
            (last, isMore) = (page.Last, page.IsMore);
            unreadable += page.Unreadable;
            foreach (var record in page.Records)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
            }
        }

        LogSkipped(unreadable);
    }

    /// <inheritdoc/>
    /// <remarks>Counts live documents, including those that cannot be read.</remarks>
    public async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        await _connection.RunAsync("Length", (collection, token) =>
            collection.CountDocumentsAsync(AllLive, cancellationToken: token), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <remarks>Removes every document whose <c>_id</c> is text, in batches of 1,000. The indexes stay.</remarks>
    public async ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        await RemoveAllAsync("Clear", Any, BatchSize, cancellationToken).ConfigureAwait(false);
        await RemoveAllAsync("Clear", AllPlaces, BatchSize, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>False only with <see cref="AutoRemove.Interval"/>: otherwise the server or another system removes expired documents.</remarks>
    public bool PrunesItself => _options.AutoRemove != AutoRemove.Interval;

    /// <inheritdoc/>
    /// <remarks>With the TTL index the server does this within about a minute, without a call.</remarks>
    public async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        if (batchSize is < 1 or > 100_000)
            throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, "The batch size must be 1 to 100,000.");

        var removed = await RemoveAllAsync("Prune", Expired, batchSize, cancellationToken).ConfigureAwait(false);
        await RemoveAllAsync("Prune", MovedLongAgo, batchSize, cancellationToken).ConfigureAwait(false);
        return removed;
    }

    private ValueTask<Page> ReadPageAsync(
        string operation, BsonDocument filter, string after, int size, bool withPayloads, CancellationToken cancellationToken) =>
        _connection.RunAsync(operation, async (collection, token) =>
        {
            // One more than asked says whether there is another page.
            var found = await FindPageAsync(collection, filter, after, size + 1, withPayloads ? _whole.Projection : WithoutSession(_options), token).ConfigureAwait(false);
            var records = new List<SessionRecord>();
            var documents = found.Take(size).ToList();
            foreach (var document in documents)
            {
                try
                {
                    records.Add(withPayloads
                        ? await document.ToRecordAsync(operation, document.Id!, _options, token).ConfigureAwait(false)
                        : document.ToRecordWithoutPayload(operation));
                }
                catch (SessionStoreException exception) when (exception.Fault == SessionStoreFault.Unreadable)
                {
                    // The caller logs how many.
                }
            }

            return new Page(records, documents.LastOrDefault()?.Id ?? after, found.Count > size, documents.Count - records.Count);
        }, cancellationToken);

    private void LogSkipped(long unreadable)
    {
        if (unreadable > 0)
            Log.UnreadableSkipped(_logger, unreadable);
    }

    private async Task<long> RemoveAllAsync(string operation, BsonDocument filter, int batchSize, CancellationToken cancellationToken)
    {
        var total = 0L;
        var mayHaveMore = true;
        while (mayHaveMore)
        {
            (var removed, mayHaveMore) = await _connection.RunAsync(operation, (collection, token) =>
                RemoveBatchAsync(collection, filter, batchSize, token), cancellationToken).ConfigureAwait(false);
            total += removed;
        }

        return total;
    }

    /// <param name="Records">Those that can be read.</param>
    /// <param name="Last">The last id.</param>
    /// <param name="IsMore">Whether there is another page.</param>
    /// <param name="Unreadable">How many cannot be read.</param>
    private readonly record struct Page(List<SessionRecord> Records, string Last, bool IsMore, int Unreadable);
}
