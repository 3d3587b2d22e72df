using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>One server, or a primary with replicas: each write that changes the index of subjects is one script, which does both in one
/// step.</summary>
/// <param name="connection">Reaches the server.</param>
/// <param name="records">The keys of records and indexes.</param>
/// <param name="options">Valid options.</param>
internal sealed class SingleServer(RedisConnection connection, RedisRecord records, RedisStoreOptions options) : IRedisTopology
{
    private readonly RedisValue _storesNoExpiry = options.DisableExpiry ? "1" : "0";
    private readonly RedisValue _recordPrefix = options.KeyPrefix;
    private readonly RedisValue _indexPrefix = options.SubjectPrefixOrDefault;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SessionWriteStatus> WriteAsync(RedisWrite write, CancellationToken cancellationToken)
    {
        RedisKey[] keys = (write.Script == RedisCommands.ReplaceIndexed, write.Subject) switch
        {
            (true, null) => [records.KeyOf(write.Id)],
            (true, { } subject) => [records.KeyOf(write.Id), records.IndexOf(subject)],
            (false, null) => [records.KeyOf(write.Id), LinkOf(write.Id)],
            (false, { } subject) => [records.KeyOf(write.Id), LinkOf(write.Id), records.IndexOf(subject)],
        };
        return RedisCommands.StatusOf(await connection.EvaluateAsync(write.Operation, ScriptOf(write), keys, Arguments(write), cancellationToken, writes: true).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SessionWriteStatus> RotateAsync(RedisWrite write, string newId, CancellationToken cancellationToken)
    {
        RedisKey[] keys = write.Subject is null
            ? [records.KeyOf(write.Id), records.KeyOf(newId), LinkOf(write.Id), LinkOf(newId)]
            : [records.KeyOf(write.Id), records.KeyOf(newId), LinkOf(write.Id), LinkOf(newId), records.IndexOf(write.Subject)];
        return RedisCommands.StatusOf(await connection.EvaluateAsync(write.Operation, ScriptOf(write), keys, Arguments(write), cancellationToken, writes: true).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DestroyAsync(string operation, string id, CancellationToken cancellationToken) =>
        (bool)await connection.EvaluateAsync(operation, RedisCommands.Destroy, [records.KeyOf(id)], [_recordPrefix, _indexPrefix], cancellationToken, writes: true).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<SessionWriteStatus> TakeAsync(string operation, string id, RedisValue expected, CancellationToken cancellationToken)
    {
        RedisValue[] values = [expected, _recordPrefix, _indexPrefix];
        var reply = await connection.EvaluateAsync(operation, RedisCommands.Take, [records.KeyOf(id)], values, cancellationToken, writes: true).ConfigureAwait(false);
        return RedisCommands.StatusOf(reply[0]);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryVoidAsync(string operation, string subject, CancellationToken cancellationToken) =>
        (bool)await connection.EvaluateAsync(operation, RedisCommands.Void, [records.IndexOf(subject)], [_recordPrefix, _indexPrefix], cancellationToken, writes: true).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<RedisResult> PageAsync(string operation, string subject, string position, int size, CancellationToken cancellationToken) =>
        connection.EvaluateAsync(operation, records.Page, [records.IndexOf(subject)], [position, size, _recordPrefix], cancellationToken);

    /// <inheritdoc/>
    public async Task UnlinkAsync(string operation, IEnumerable<RedisKey> keys, CancellationToken cancellationToken) =>
        await connection.ExecuteAsync(operation, "UNLINK", [.. keys.Select(static key => (object)key)], cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public RedisKey LinkOf(string id) => records.KeyOf(id).Prepend(RedisCommands.LinkPrefix);

    /// <inheritdoc/>
    public string LinksOf(string prefix) => RedisCommands.LinkPrefix + prefix;

    /// <inheritdoc/>
    public async ValueTask<long> RemoveEntriesAsync(string operation, string subject, string[] ids, CancellationToken cancellationToken)
    {
        if (ids.Length == 0)
            return 0;

        RedisValue[] values = [_recordPrefix, .. ids.Select(static id => (RedisValue)id)];
        return (long)await connection.EvaluateAsync(operation, RedisCommands.Forget, [records.IndexOf(subject)], values, cancellationToken, writes: true).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<long> ReviewEntriesAsync(string operation, string subject, string[] entries, CancellationToken cancellationToken) =>
        RemoveEntriesAsync(operation, subject, [.. entries.Where(static (_, position) => position % 2 == 0)], cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RedisKey>> RoutesAsync(string operation, string prefix, CancellationToken cancellationToken) => new([prefix]);

    private static RedisScript ScriptOf(in RedisWrite write) => write.Cap is null ? write.Script : RedisCommands.Capped(write.Script);

    private RedisValue[] Arguments(in RedisWrite write)
    {
        RedisValue[] values = [write.Stored, RedisCommands.IdleOf(write.Lifetime), RedisCommands.EndOf(write.Lifetime), _storesNoExpiry, write.Expected, _recordPrefix, _indexPrefix];
        return write.Cap is { } cap ? [.. values, cap.Most, cap.EndsOldest ? "1" : "0"] : values;
    }
}
