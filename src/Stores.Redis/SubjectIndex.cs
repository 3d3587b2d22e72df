using System.Globalization;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>The index from subjects to ids: a sorted set for each subject, whose scores are the expiries last known.</summary>
/// <remarks>
/// <para>The record is the truth; an entry is a hint where to look. An entry is due when its score has passed: then it is removed if the
/// record is gone, and gets the record's expiry if it was extended since.</para>
/// <para>On a single server all that happens inside the scripts that write. On a cluster the index and the records lie on different nodes.
/// There a writer enters the id, writes the record and enters the id once more; whoever removes an entry looks at the record afterwards and
/// enters it again if it is there. So no order of the two ends with a session that the index does not show.</para>
/// </remarks>
/// <param name="connection">The server.</param>
/// <param name="options">Checked options.</param>
/// <param name="read">Reads a record; null when there is none that can be read.</param>
internal sealed class SubjectIndex(RedisConnection connection, RedisStoreOptions options, Func<string, CancellationToken, Task<SessionRecord?>> read)
{
    private const CommandFlags Flags = CommandFlags.DemandMaster;

    private readonly RedisKey _prefix = System.Text.Encoding.UTF8.GetBytes(options.SubjectPrefixOrDefault);

    public RedisKey KeyOf(string subject) => ((RedisKey)subject).Prepend(_prefix);

    /// <summary>Cluster: enters an id before its record is written, and settles what is due.</summary>
    public async ValueTask EnterAsync(string operation, string subject, string id, long expiry, CancellationToken cancellationToken)
    {
        var due = await connection.EvaluateAsync(operation, RedisScripts.Enter, [KeyOf(subject)], [Score(expiry), id], cancellationToken, writes: true).ConfigureAwait(false);
        await SettleAsync(operation, subject, (string[])due!, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Cluster: enters an id after its record was written.</summary>
    public async ValueTask EnterAgainAsync(string operation, string subject, string id, long expiry, CancellationToken cancellationToken) =>
        await connection.ExecuteAsync(operation, database => database.ExecuteAsync("ZADD", [KeyOf(subject), Score(expiry), id], Flags), cancellationToken).ConfigureAwait(false);

    /// <summary>The ids under a subject, live or not.</summary>
    public async ValueTask<string[]> IdsAsync(string operation, string subject, CancellationToken cancellationToken)
    {
        var members = await connection.ExecuteAsync(
            operation, database => database.SortedSetRangeByRankAsync(KeyOf(subject), flags: Flags), cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(members, static member => (string)member!);
    }

    /// <summary>Removes ids whose record is gone; on a cluster also those whose record has another subject.</summary>
    /// <returns>How many were removed.</returns>
    public async ValueTask<long> ForgetAsync(string operation, string subject, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
            return 0;

        if (await connection.IsClusterAsync(operation, cancellationToken).ConfigureAwait(false))
        {
            var removed = await Task.WhenAll(ids.Select(id => ForgetAsync(operation, subject, id, cancellationToken))).ConfigureAwait(false);
            return removed.LongCount(static wasRemoved => wasRemoved);
        }

        RedisValue[] values = [options.KeyPrefix, .. ids.Select(static id => (RedisValue)id)];
        return (long)await connection.EvaluateAsync(operation, RedisScripts.Forget, [KeyOf(subject)], values, cancellationToken, writes: true).ConfigureAwait(false);
    }

    /// <summary>Removes the entries of one index whose record is gone, in steps of at most <paramref name="batchSize"/>.</summary>
    /// <returns>How many were removed.</returns>
    public async ValueTask<long> PruneAsync(string subject, int batchSize, CancellationToken cancellationToken)
    {
        const string operation = "Prune";
        var isCluster = await connection.IsClusterAsync(operation, cancellationToken).ConfigureAwait(false);
        long removed = 0;
        var cursor = "0";
        do
        {
            var page = (RedisResult[])(await connection.ExecuteAsync(
                operation,
                database => database.ExecuteAsync("ZSCAN", [KeyOf(subject), cursor, "COUNT", batchSize.ToString(CultureInfo.InvariantCulture)], Flags),
                cancellationToken).ConfigureAwait(false))!;
            cursor = (string)page[0]!;
            foreach (var entries in ((string[])page[1]!).Chunk(2 * batchSize))
            {
                removed += isCluster
                    ? await SettleAsync(operation, subject, entries, cancellationToken).ConfigureAwait(false)
                    : await ForgetAsync(operation, subject, [.. entries.Where(static (_, position) => position % 2 == 0)], cancellationToken).ConfigureAwait(false);
            }
        }
        while (cursor != "0");
        return removed;
    }

    /// <summary>Cluster: removes an entry unless its record is there and has this subject.</summary>
    private async Task<bool> ForgetAsync(string operation, string subject, string id, CancellationToken cancellationToken)
    {
        if ((await read(id, cancellationToken).ConfigureAwait(false))?.Subject == subject)
            return false;

        var removed = await connection.ExecuteAsync(
            operation, database => database.SortedSetRemoveAsync(KeyOf(subject), id, Flags), cancellationToken).ConfigureAwait(false);
        var record = await read(id, cancellationToken).ConfigureAwait(false);
        if (record?.Subject != subject)
            return removed;

        var expiry = record.ExpiresAt == SessionExpiry.Never ? -1 : record.ExpiresAt.ToUnixTimeMilliseconds();
        await EnterAgainAsync(operation, subject, id, expiry, cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <summary>Cluster: looks at the records of entries, of which each is followed by its score.</summary>
    private async ValueTask<long> SettleAsync(string operation, string subject, string[] entries, CancellationToken cancellationToken)
    {
        var removed = await Task.WhenAll(entries.Chunk(2).Select(entry => SettleAsync(operation, subject, entry[0], entry[1], cancellationToken))).ConfigureAwait(false);
        return removed.LongCount(static wasRemoved => wasRemoved);
    }

    private async Task<bool> SettleAsync(string operation, string subject, string id, string score, CancellationToken cancellationToken)
    {
        RedisKey record = options.KeyPrefix + id;
        var expiry = (long)await connection.ExecuteAsync(
            operation, database => database.ExecuteAsync("PEXPIRETIME", [record], Flags), cancellationToken).ConfigureAwait(false);
        if (expiry == -2)
            return await ForgetAsync(operation, subject, id, cancellationToken).ConfigureAwait(false);

        if (Score(expiry) != score)
            await connection.ExecuteAsync(operation, database => database.ExecuteAsync("ZADD", [KeyOf(subject), "XX", Score(expiry), id], Flags), cancellationToken).ConfigureAwait(false);

        return false;
    }

    /// <summary>As the server writes scores.</summary>
    private static string Score(long expiry) => expiry < 0 ? "inf" : expiry.ToString(CultureInfo.InvariantCulture);
}
