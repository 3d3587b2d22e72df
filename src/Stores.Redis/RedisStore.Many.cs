using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace SessionStores.Redis;

public sealed partial class RedisStore
{
    /// <summary>How many records are read or removed at once.</summary>
    private const int Batch = 100;

    /// <summary>How often a log-out everywhere looks again for sessions that were given a new id meanwhile.</summary>
    private const int Passes = 10;

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionRecord> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var ids in IdsAsync("All", null, cancellationToken).ConfigureAwait(false))
        {
            foreach (var batch in ids.Chunk(Batch))
            {
                foreach (var record in await ReadAsync(batch, cancellationToken).ConfigureAwait(false))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (record is not null)
                        yield return record;
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default)
    {
        long length = 0;
        await foreach (var ids in IdsAsync("Length", "string", cancellationToken).ConfigureAwait(false))
            length += ids.Count;

        return length;
    }

    /// <inheritdoc/>
    public async ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        const string operation = "Clear";
        var isCluster = await _connection.IsClusterAsync(operation, cancellationToken).ConfigureAwait(false);
        await foreach (var ids in IdsAsync(operation, null, cancellationToken).ConfigureAwait(false))
        {
            foreach (var batch in ids.Chunk(Batch))
            {
                // Keys of a cluster lie in different slots: one command for each, sent together.
                var commands = batch.Chunk(isCluster ? 1 : Batch).Select(keys => _connection.ExecuteAsync(
                    operation, database => database.ExecuteAsync("UNLINK", Array.ConvertAll(keys, id => (object)KeyOf(id)), CommandFlags.DemandMaster), cancellationToken).AsTask());
                await Task.WhenAll(commands).ConfigureAwait(false);
            }
        }

        await PruneAsync(Batch, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>The ids of the subject are read at once, the records in batches.</remarks>
    public async IAsyncEnumerable<SessionRecord> ListBySubjectAsync(string subject, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);

        foreach (var batch in (await _index.IdsAsync("ListBySubject", subject, cancellationToken).ConfigureAwait(false)).Chunk(Batch))
        {
            var records = await ReadAsync(batch, cancellationToken).ConfigureAwait(false);
            await _index.ForgetAsync("ListBySubject", subject, [.. batch.Where((_, position) => records[position] is null)], cancellationToken).ConfigureAwait(false);
            foreach (var record in records)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (record?.Subject == subject)
                    yield return record;
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>Looks again until nothing is found, so that a session that is given a new id meanwhile is destroyed too.</remarks>
    public async ValueTask<long> DestroyBySubjectAsync(string subject, string? exceptId = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        if (exceptId is not null)
            SessionArguments.ThrowIfInvalidId(exceptId);

        long total = 0;
        for (var pass = 0; pass < Passes; pass++)
        {
            long destroyed = 0;
            foreach (var batch in (await _index.IdsAsync("DestroyBySubject", subject, cancellationToken).ConfigureAwait(false)).Chunk(Batch))
            {
                var outcomes = await Task.WhenAll(batch.Where(id => id != exceptId).Select(id => DestroyOfAsync(subject, id, cancellationToken))).ConfigureAwait(false);
                destroyed += outcomes.LongCount(static outcome => outcome);
            }

            total += destroyed;
            if (destroyed == 0)
                break;
        }

        return total;
    }

    /// <inheritdoc/>
    /// <remarks>Redis removes expired records by itself. This removes what is left of ended sessions in the index of subjects, and answers
    /// how many entries those were.</remarks>
    public async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, 100_000);

        long removed = 0;
        var scan = new RedisKeyScan(_connection, _options);
        await foreach (var subjects in scan.PagesAsync("Prune", _options.SubjectPrefixOrDefault, "zset", cancellationToken).ConfigureAwait(false))
        {
            foreach (var subject in subjects)
                removed += await _index.PruneAsync(subject, batchSize, cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }

    /// <summary>Pages of ids. With an empty prefix every key is a record, but those of the index.</summary>
    private async IAsyncEnumerable<List<string>> IdsAsync(string operation, string? type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var ids in new RedisKeyScan(_connection, _options).PagesAsync(operation, _options.KeyPrefix, type, cancellationToken).ConfigureAwait(false))
        {
            ids.RemoveAll(id => id.Length == 0 || (_options.KeyPrefix.Length == 0 && id.StartsWith(_options.SubjectPrefixOrDefault, StringComparison.Ordinal)));
            yield return ids;
        }
    }

    private Task<SessionRecord?[]> ReadAsync(string[] ids, CancellationToken cancellationToken) =>
        Task.WhenAll(ids.Select(id => ReadOrPassOverAsync(id, cancellationToken)));

    private async Task<SessionRecord?> ReadOrPassOverAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            var result = await _connection.EvaluateAsync("Get", RedisScripts.Get, [KeyOf(id)], NoValues, cancellationToken).ConfigureAwait(false);
            return Read(id, result, out _);
        }
        catch (SessionStoreException exception) when (exception.Fault == SessionStoreFault.Unreadable)
        {
            Log.UnreadablePassedOver(_logger);
            return null;
        }
    }

    /// <summary>Destroys a session while it is that subject's, whatever is written to it meanwhile.</summary>
    private async Task<bool> DestroyOfAsync(string subject, string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            var record = await ReadOrPassOverAsync(id, cancellationToken).ConfigureAwait(false);
            if (record is null)
                await _index.ForgetAsync("DestroyBySubject", subject, [id], cancellationToken).ConfigureAwait(false);

            if (record?.Subject != subject)
                return false;

            var outcome = await TakeAsync("DestroyBySubject", id, Expected(record.Version), cancellationToken).ConfigureAwait(false);
            if (outcome != RedisScripts.Conflict)
                return outcome == RedisScripts.Done;
        }
    }
}
