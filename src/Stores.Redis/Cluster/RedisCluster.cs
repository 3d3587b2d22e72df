using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Redis Cluster: each key is a step of its own, so that a rotation and the index of subjects take several.</summary>
/// <param name="connection">Reaches the servers.</param>
/// <param name="records">The keys and bytes of records.</param>
/// <param name="options">Valid options.</param>
/// <param name="read">Reads a record; null when there is none that can be read.</param>
internal sealed partial class RedisCluster(
    RedisConnection connection, RedisRecord records, RedisStoreOptions options, Func<string, string, CancellationToken, Task<SessionRecord?>> read) : IRedisTopology
{
    /// <summary>The most calls that follow a reservation, one after the other.</summary>
    private const int CallsOfARotation = 12;

    private static readonly TimeSpan ShortestReservation = TimeSpan.FromMinutes(3);

    private readonly RedisValue _storesNoExpiry = options.DisableExpiry ? "1" : "0";

    /// <inheritdoc/>
    public async ValueTask<SessionWriteStatus> WriteAsync(RedisWrite write, CancellationToken cancellationToken)
    {
        var status = await WriteRecordAsync(write, cancellationToken).ConfigureAwait(false);
        if (status == SessionWriteStatus.Written && write.Script == RedisCommands.Replace
            && records.SubjectOf((byte[])write.Expected!) is { } previous && previous != write.Subject)
        {
            await RemoveEntriesAsync(write.Operation, previous, [write.Id], CancellationToken.None).ConfigureAwait(false);
        }

        return status;
    }

    /// <inheritdoc/>
    /// <remarks>Keeps the new id free, removes the old record, writes the new one. There are never both, and of two rotations to one id the
    /// second does not change its old record.</remarks>
    public async ValueTask<SessionWriteStatus> RotateAsync(RedisWrite write, string newId, CancellationToken cancellationToken)
    {
        var reservation = Math.Max(ShortestReservation.TotalMilliseconds, CallsOfARotation * options.OperationTimeout.TotalMilliseconds);
        var isFree = await connection.EvaluateAsync(
            write.Operation, ClusterCommands.Reserve, [records.KeyOf(newId)], [(long)reservation], cancellationToken, writes: true).ConfigureAwait(false);
        if (!(bool)isFree)
        {
            var old = await connection.EvaluateAsync(write.Operation, RedisCommands.Get, [records.KeyOf(write.Id)], [], cancellationToken).ConfigureAwait(false);
            return old.IsNull ? SessionWriteStatus.Gone : SessionWriteStatus.Taken;
        }

        // From here on a cancellation would leave neither record, so that the rest is carried out.
        cancellationToken.ThrowIfCancellationRequested();
        var taken = await TakeAsync(write.Operation, write.Id, write.Expected, CancellationToken.None).ConfigureAwait(false);
        if (taken != SessionWriteStatus.Written)
        {
            await TakeAsync(write.Operation, newId, RedisCommands.Reservation, CancellationToken.None).ConfigureAwait(false);
            return taken;
        }

        // A writer that has set the new id since, against its reservation, is not disturbed; the session is gone then.
        var created = await WriteRecordAsync(
            write with { Script = RedisCommands.Create, Id = newId, Expected = RedisCommands.Reservation }, CancellationToken.None).ConfigureAwait(false);
        return created == SessionWriteStatus.Taken ? SessionWriteStatus.Gone : created;
    }

    /// <inheritdoc/>
    public async ValueTask<SessionWriteStatus> TakeAsync(string operation, string id, RedisValue expected, CancellationToken cancellationToken)
    {
        var reply = await connection.EvaluateAsync(operation, RedisCommands.Take, [records.KeyOf(id)], [expected], cancellationToken, writes: true).ConfigureAwait(false);
        if (reply.Length > 1)
            await RemoveEntriesAsync(operation, (string)reply[1]!, [id], CancellationToken.None).ConfigureAwait(false);

        return RedisCommands.StatusOf(reply[0]);
    }

    /// <inheritdoc/>
    /// <remarks>Keys of a cluster are in different slots: one command for each, sent together.</remarks>
    public Task UnlinkAsync(string operation, string[] ids, CancellationToken cancellationToken) =>
        Task.WhenAll(ids.Select(id => connection.ExecuteAsync(operation, "UNLINK", [records.KeyOf(id)], cancellationToken).AsTask()));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RedisKey>> RoutesAsync(string operation, string prefix, CancellationToken cancellationToken) =>
        ClusterSlots.HasTag(prefix)
            ? [prefix]
            : ClusterSlots.Routes(await connection.EvaluateAsync(operation, ClusterCommands.Slots, [prefix], [], cancellationToken).ConfigureAwait(false), prefix);

    /// <summary>Enters the id in the index, writes the record, and enters the id once more (see the index).</summary>
    private async ValueTask<SessionWriteStatus> WriteRecordAsync(RedisWrite write, CancellationToken cancellationToken)
    {
        var expiry = options.DisableExpiry ? -1 : write.Expiry;
        if (write.Subject is not null)
            await EnterAsync(write.Operation, write.Subject, write.Id, expiry, cancellationToken).ConfigureAwait(false);

        var status = RedisCommands.StatusOf(await connection.EvaluateAsync(
            write.Operation, write.Script, [records.KeyOf(write.Id)], [write.Stored, write.Expiry, _storesNoExpiry, write.Expected], cancellationToken, writes: true).ConfigureAwait(false));
        if (write.Subject is not null && status == SessionWriteStatus.Written)
            await EnterAgainAsync(write.Operation, write.Subject, write.Id, expiry, CancellationToken.None).ConfigureAwait(false);
        else if (write.Subject is not null)
            await RemoveEntriesAsync(write.Operation, write.Subject, [write.Id], CancellationToken.None).ConfigureAwait(false);

        return status;
    }
}
