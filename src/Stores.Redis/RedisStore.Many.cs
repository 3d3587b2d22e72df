using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using StackExchange.Redis;

namespace SessionStores.Redis;

public sealed partial class RedisStore
{
    /// <summary>How many records are read or removed at once.</summary>
    private const int Batch = 100;

    /// <summary>How many keys a walk remembers, so that none is listed twice. SCAN returns a key twice only when its hash table shrinks in the
    /// meantime: then the buckets that fall into one are visited again, one directly after the other.</summary>
    private const int Remembered = 16_384;

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var skipped = 0;
        try
        {
            await foreach (var ids in IdsAsync("All", null, cancellationToken).ConfigureAwait(false))
            {
                foreach (var batch in ids.Chunk(Batch))
                {
                    var records = await ReadAsync("All", batch, cancellationToken).ConfigureAwait(false);
                    skipped += records.Count(static read => read.IsUnreadable);
                    foreach (var (record, _) in records)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        if (record is not null)
                            yield return withPayloads ? record : record.WithoutPayload();
                    }
                }
            }
        }
        finally
        {
            LogSkipped(skipped);
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
        var topology = _topology ?? await FindTopologyAsync("Clear", cancellationToken).ConfigureAwait(false);
        await foreach (var ids in IdsAsync("Clear", null, cancellationToken).ConfigureAwait(false))
        {
            foreach (var batch in ids.Chunk(Batch))
                await topology.UnlinkAsync("Clear", batch.Select(_records.KeyOf), cancellationToken).ConfigureAwait(false);
        }

        var links = topology.LinksOf(PatternOf(_options.KeyPrefix));
        await foreach (var page in KeysAsync("Clear", _options.KeyPrefix, links, "zset", cancellationToken).ConfigureAwait(false))
            await topology.UnlinkAsync("Clear", page.Select(static key => (RedisKey)key), cancellationToken).ConfigureAwait(false);

        if (_options.KeepExpired)
            await topology.UnlinkAsync("Clear", _records.ExpiringKeys, cancellationToken).ConfigureAwait(false);

        await PruneIndexAsync("Prune", Batch, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Redis removes expired records by itself. This removes what is left of ended sessions in the index of subjects, and returns
    /// how many entries those were. With <see cref="RedisStoreOptions.KeepExpired"/> it also removes expired sessions that were not claimed.</remarks>
    public async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        const string operation = "Prune";
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, 100_000);

        if (_options.KeepExpired)
            await RemoveExpiredAsync(operation, cancellationToken).ConfigureAwait(false);

        return await PruneIndexAsync(operation, batchSize, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<long> PruneIndexAsync(string operation, int batchSize, CancellationToken cancellationToken)
    {
        var topology = _topology ?? await FindTopologyAsync(operation, cancellationToken).ConfigureAwait(false);
        long removed = 0;
        await foreach (var subjects in PagesAsync(operation, _options.SubjectPrefixOrDefault, "zset", cancellationToken).ConfigureAwait(false))
        {
            // No subject has a control character: those are the sorted sets beside an index.
            foreach (var subject in subjects.Where(static subject => subject.Length > 0 && !char.IsControl(subject[0]) && !char.IsControl(subject[^1])))
            {
                await foreach (var entries in EntriesAsync(operation, subject, batchSize, cancellationToken).ConfigureAwait(false))
                    removed += await topology.ReviewEntriesAsync(operation, subject, entries, cancellationToken).ConfigureAwait(false);
            }
        }

        return removed;
    }

    /// <summary>Pages of ids. With an empty prefix every key is a record, except those of the index and links.</summary>
    private async IAsyncEnumerable<List<string>> IdsAsync(string operation, string? type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var ids in PagesAsync(operation, _options.KeyPrefix, type, cancellationToken).ConfigureAwait(false))
        {
            ids.RemoveAll(id => id.Length == 0 || (_options.KeyPrefix.Length == 0
                && (id.StartsWith(_options.SubjectPrefixOrDefault, StringComparison.Ordinal) || id.StartsWith(RedisCommands.LinkPrefix, StringComparison.Ordinal))));
            yield return ids;
        }
    }

    /// <summary>Pages of keys that begin with a prefix, without it.</summary>
    private async IAsyncEnumerable<List<string>> PagesAsync(
        string operation, string prefix, string? type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var keys in KeysAsync(operation, prefix, PatternOf(prefix), type, cancellationToken).ConfigureAwait(false))
            yield return keys.ConvertAll(key => key[prefix.Length..]);
    }

    /// <summary>Pages of keys, on every primary, each key once. SCAN runs inside a script, which is how it reaches the primary that owns a
    /// slot; each page names its node, so that a cursor is never continued on another one after a failover.</summary>
    /// <param name="operation">The operation, for exceptions.</param>
    /// <param name="prefix">The beginning of the key that leads to a primary.</param>
    /// <param name="pattern">The pattern of the keys.</param>
    /// <param name="type">The type of the values, or null for any.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    private async IAsyncEnumerable<List<string>> KeysAsync(
        string operation, string prefix, string pattern, string? type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var topology = _topology ?? await FindTopologyAsync(operation, cancellationToken).ConfigureAwait(false);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var order = new Queue<string>();
        foreach (var route in await topology.RoutesAsync(operation, prefix, cancellationToken).ConfigureAwait(false))
        {
            var cursor = "0";
            string? node = null;
            do
            {
                RedisValue[] values = type is null
                    ? [cursor, pattern, _options.ScanCount]
                    : [cursor, pattern, _options.ScanCount, "TYPE", type];
                var reply = await _connection.EvaluateAsync(operation, RedisCommands.Scan, [route], values, cancellationToken).ConfigureAwait(false);
                var current = (string)reply[0]!;
                if ((node ??= current) != current)
                    throw RedisFaults.ScanInterrupted(operation);

                cursor = (string)reply[1]!;
                var page = new List<string>();
                foreach (var key in (string[])reply[2]!)
                {
                    if (!seen.Add(key))
                        continue;

                    order.Enqueue(key);
                    if (order.Count > Remembered)
                        seen.Remove(order.Dequeue());

                    page.Add(key);
                }

                if (page.Count > 0)
                    yield return page;
            }
            while (cursor != "0");
        }
    }

    /// <summary>Batches of entries of one index, each an id followed by its score.</summary>
    private async IAsyncEnumerable<string[]> EntriesAsync(
        string operation, string subject, int batchSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursor = "0";
        do
        {
            object[] arguments = [_records.IndexOf(subject), cursor, "COUNT", batchSize.ToString(CultureInfo.InvariantCulture)];
            var page = await _connection.ExecuteAsync(operation, "ZSCAN", arguments, cancellationToken).ConfigureAwait(false);
            cursor = (string)page[0]!;
            foreach (var entries in ((string[])page[1]!).Chunk(2 * batchSize))
                yield return entries;
        }
        while (cursor != "0");
    }

    private Task<(SessionRecord? Record, bool IsUnreadable)[]> ReadAsync(string operation, string[] ids, CancellationToken cancellationToken) =>
        Task.WhenAll(ids.Select(id => ReadAsync(operation, id, cancellationToken)));

    private async Task<(SessionRecord? Record, bool IsUnreadable)> ReadAsync(string operation, string id, CancellationToken cancellationToken)
    {
        try
        {
            var key = _records.KeyOf(id);
            var reading = await _connection.ReadAsync(operation, key, _records.MaxBytes, cancellationToken).ConfigureAwait(false);
            return (reading.IsWhole ? _records.Decode(operation, id, reading) : await GetAsync(operation, id, key, null, cancellationToken).ConfigureAwait(false), false);
        }
        catch (SessionStoreException exception) when (exception.Fault == SessionStoreFault.Unreadable)
        {
            return (null, true);
        }
    }

    private async Task<SessionRecord?> ReadOrNullAsync(string operation, string id, CancellationToken cancellationToken) =>
        (await ReadAsync(operation, id, cancellationToken).ConfigureAwait(false)).Record;

    private void LogSkipped(int count)
    {
        if (count > 0)
            Log.UnreadableSkipped(_logger, count);
    }

    private static string PatternOf(string prefix)
    {
        var pattern = new StringBuilder(prefix.Length + 8);
        foreach (var character in prefix)
        {
            if (character is '*' or '?' or '[' or ']' or '\\' or '^' or '-')
                pattern.Append('\\');

            pattern.Append(character);
        }

        return pattern.Append('*').ToString();
    }
}
