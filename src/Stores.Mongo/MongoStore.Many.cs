using System.Runtime.CompilerServices;
using MongoDB.Bson;
using static SessionStores.Mongo.MongoCommands;

namespace SessionStores.Mongo;

/// <content>Enumeration, subjects and pruning.</content>
public sealed partial class MongoStore
{
    /// <summary>How many documents an enumeration holds at once.</summary>
    private const int PageSize = 100;

    /// <summary>How many documents are removed at once.</summary>
    private const int BatchSize = 1000;

    /// <inheritdoc/>
    /// <remarks>Pages of 100 in the order of <c>_id</c>; no cursor stays open at the server between them. With
    /// <see cref="MongoStoreOptions.TransformId"/> the ids are the stored ones.</remarks>
    public IAsyncEnumerable<SessionRecord> AllAsync(CancellationToken cancellationToken = default) =>
        ListAsync("All", static () => AllLive, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Counts live documents, including those that cannot be read.</remarks>
    public async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        await _connection.RunAsync("Length", (collection, token) =>
            collection.CountDocumentsAsync(AllLive, cancellationToken: token), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <remarks>Removes every document whose <c>_id</c> is text, in batches of 1,000. The indexes stay.</remarks>
    public async ValueTask ClearAsync(CancellationToken cancellationToken = default) =>
        await RemoveAllAsync("Clear", Any, BatchSize, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public IAsyncEnumerable<SessionRecord> ListBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return ListAsync("ListBySubject", () => LiveOf(subject), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Pages of 1,000; two commands for each, and more where exceptions are given or sessions were rotated in the last minutes.</remarks>
    public async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        string[] exceptKeys = [.. SessionArguments.DistinctIds(exceptIds).Select(KeyOf)];
        var total = 0L;
        for (var last = ""; last is not null;)
        {
            var after = last;
            (var ended, last) = await _connection.RunAsync("DestroyBySubject", (collection, token) =>
                EndPageAsync(collection, "DestroyBySubject", subject, exceptKeys, after, BatchSize, token), cancellationToken).ConfigureAwait(false);
            total += ended;
        }

        return total;
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

    private async IAsyncEnumerable<SessionRecord> ListAsync(
        string operation, Func<BsonDocument> filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = "";
        var unreadable = 0L;
        var isLastPage = false;
        while (!isLastPage)
        {
            var page = await _connection.RunAsync(operation, async (collection, token) =>
            {
                var records = new List<SessionRecord>(PageSize);
                var documents = await FindPageAsync(collection, filter(), last, PageSize, _whole.Projection, token).ConfigureAwait(false);
                foreach (var found in documents)
                {
                    last = found.Id!;
                    try
                    {
                        records.Add(await found.ToRecordAsync(operation, last, _options, token).ConfigureAwait(false));
                    }
                    catch (SessionStoreException exception) when (exception.Fault == SessionStoreFault.Unreadable)
                    {
                        unreadable++;
                    }
                }

                isLastPage = documents.Count < PageSize;
                return records;
            }, cancellationToken).ConfigureAwait(false);

            foreach (var record in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
            }
        }

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
}
