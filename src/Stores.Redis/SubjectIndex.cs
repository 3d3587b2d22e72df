using System.Globalization;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>The index from subjects to ids: a sorted set for each subject, whose scores are the expiries last known.</summary>
/// <remarks>
/// The record is the truth; an entry is a hint where to look. An entry is due when its score has passed: then it is removed if the record
/// is gone, and gets the record's expiry if it was extended since. On a single server that happens inside the scripts. On a cluster the
/// index and the records lie on different nodes: an id is entered before its record is written, and an entry without a record is first
/// made due after a grace, so that a write that is under way is not mistaken for a session that has ended.
/// </remarks>
internal sealed class SubjectIndex(RedisConnection connection, RedisStoreOptions options)
{
    /// <summary>Long enough for any write that is under way: four times the longest OperationTimeout.</summary>
    private const int GraceMilliseconds = 240_000;

    private readonly RedisKey _prefix = System.Text.Encoding.UTF8.GetBytes(options.SubjectPrefixOrDefault);

    public RedisKey KeyOf(string subject) => ((RedisKey)subject).Prepend(_prefix);

    /// <summary>Cluster: enters an id, and settles what is due.</summary>
    public async ValueTask EnterAsync(string operation, string subject, string id, long expiry, CancellationToken cancellationToken)
    {
        var index = KeyOf(subject);
        var due = await connection.EvaluateAsync(operation, RedisScripts.Enter, [index], [expiry, id], cancellationToken, writes: true).ConfigureAwait(false);
        await SettleAsync(operation, index, (string[])due!, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The ids under a subject, live or not.</summary>
    public async ValueTask<string[]> IdsAsync(string operation, string subject, CancellationToken cancellationToken)
    {
        var index = KeyOf(subject);
        var members = await connection.ExecuteAsync(
            operation, database => database.SortedSetRangeByRankAsync(index, flags: CommandFlags.DemandMaster), cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(members, static member => (string)member!);
    }

    /// <summary>Removes ids whose record was not found; on a cluster, once the grace has passed.</summary>
    public async ValueTask ForgetAsync(string operation, string subject, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
            return;

        if (await connection.IsClusterAsync(operation, cancellationToken).ConfigureAwait(false))
        {
            await SuspectAsync(operation, subject, ids, cancellationToken).ConfigureAwait(false);
            return;
        }

        RedisValue[] values = [options.KeyPrefix, .. ids.Select(static id => (RedisValue)id)];
        await connection.EvaluateAsync(operation, RedisScripts.Forget, [KeyOf(subject)], values, cancellationToken, writes: true).ConfigureAwait(false);
    }

    /// <summary>Cluster: makes entries due after the grace.</summary>
    public async ValueTask SuspectAsync(string operation, string subject, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        RedisValue[] values = [GraceMilliseconds, .. ids.Select(static id => (RedisValue)id)];
        await connection.EvaluateAsync(operation, RedisScripts.Suspect, [KeyOf(subject)], values, cancellationToken, writes: true).ConfigureAwait(false);
    }

    /// <summary>Removes the entries of one index whose record is gone, in steps of at most <paramref name="batchSize"/>.</summary>
    /// <returns>How many were removed.</returns>
    public async ValueTask<long> PruneAsync(RedisKey index, int batchSize, CancellationToken cancellationToken)
    {
        const string operation = "Prune";
        var isCluster = await connection.IsClusterAsync(operation, cancellationToken).ConfigureAwait(false);
        long removed = 0;
        var cursor = "0";
        do
        {
            var page = (RedisResult[])(await connection.ExecuteAsync(
                operation,
                database => database.ExecuteAsync("ZSCAN", [index, cursor, "COUNT", batchSize.ToString(CultureInfo.InvariantCulture)], CommandFlags.DemandMaster),
                cancellationToken).ConfigureAwait(false))!;
            cursor = (string)page[0]!;
            var entries = (string[])page[1]!;
            if (isCluster)
            {
                removed += await SettleAsync(operation, index, entries, cancellationToken).ConfigureAwait(false);
                continue;
            }

            foreach (var ids in entries.Where(static (_, position) => position % 2 == 0).Chunk(batchSize))
            {
                RedisValue[] values = [options.KeyPrefix, .. ids.Select(static id => (RedisValue)id)];
                removed += (long)await connection.EvaluateAsync(operation, RedisScripts.Forget, [index], values, cancellationToken, writes: true).ConfigureAwait(false);
            }
        }
        while (cursor != "0");
        return removed;
    }

    /// <summary>Cluster: looks at the records of entries, of which each is followed by its score. Those that are due are removed or get the
    /// record's expiry; others without a record become due after the grace.</summary>
    private async ValueTask<long> SettleAsync(string operation, RedisKey index, string[] entries, CancellationToken cancellationToken)
    {
        long removed = 0;
        for (var i = 0; i + 1 < entries.Length; i += 2)
        {
            var (id, score) = (entries[i], entries[i + 1]);
            RedisKey record = options.KeyPrefix + id;
            var expiry = await connection.ExecuteAsync(
                operation, database => database.ExecuteAsync("PEXPIRETIME", [record], CommandFlags.DemandMaster), cancellationToken).ConfigureAwait(false);
            var isDue = (long)(await connection.EvaluateAsync(
                operation, RedisScripts.Settle, [index], [id, score, Score((long)expiry), GraceMilliseconds], cancellationToken, writes: true).ConfigureAwait(false)) == 1;
            removed += isDue ? 1 : 0;
        }

        return removed;
    }

    private static RedisValue Score(long expiry) => expiry switch
    {
        -2 => RedisValue.EmptyString,
        -1 => "+inf",
        _ => expiry,
    };
}
