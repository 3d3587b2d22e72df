using System.Security.Cryptography;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <summary>Redis Cluster: each key is a step of its own, so that a rotation and the index of subjects take several.</summary>
/// <param name="connection">Reaches the servers.</param>
/// <param name="records">The keys and bytes of records.</param>
/// <param name="options">Valid options.</param>
/// <param name="read">Reads a record; null when it is absent or cannot be read.</param>
/// <param name="destroy">Destroys a session by its id while it has a subject.</param>
internal sealed partial class RedisCluster(
    RedisConnection connection, RedisRecord records, RedisStoreOptions options, Func<string, string, CancellationToken, Task<SessionRecord?>> read,
    Func<IRedisTopology, string, string, CancellationToken, Task<bool>> destroy) : IRedisTopology
{
    /// <summary>The most calls that follow a reservation, one after the other.</summary>
    private const int CallsOfARotation = 12;

    private static readonly TimeSpan ShortestReservation = TimeSpan.FromMinutes(3);

    private readonly RedisValue _storesNoExpiry = options.DisableExpiry ? "1" : "0";

    /// <inheritdoc/>
    public ValueTask<SessionWriteStatus> WriteAsync(RedisWrite write, CancellationToken cancellationToken) =>
        write.Cap is { } cap ? AdmitAsync(write, null, cap, cancellationToken) : WriteFreelyAsync(write, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SessionWriteStatus> RotateAsync(RedisWrite write, string newId, CancellationToken cancellationToken) =>
        write.Cap is { } cap ? AdmitAsync(write, newId, cap, cancellationToken) : RotateFreelyAsync(write, newId, cancellationToken);

    private async ValueTask<SessionWriteStatus> WriteFreelyAsync(RedisWrite write, CancellationToken cancellationToken)
    {
        var (status, overwritten) = await WriteRecordAsync(write, cancellationToken).ConfigureAwait(false);
        if (status == SessionWriteStatus.Written && write.Script == RedisCommands.ReplaceIndexed
            && records.SubjectOf(overwritten) is { } previous && previous != write.Subject)
        {
            await AfterWriteAsync(RemoveEntriesAsync(write.Operation, previous, [write.Id], CancellationToken.None)).ConfigureAwait(false);
        }

        return status;
    }

    /// <remarks>Keeps the new id free, removes the old record, writes the new one. There are never both, and of two rotations to one id the
    /// second does not change its old record. The step that removes the old record also writes the link, and the last step needs the new id to
    /// be still kept free: so a log-out finds the old record, the link and what keeps the new id free, or the new record, and each of them ends the
    /// session. The index has the new id before the old record is removed, and the old id until the new one is written.</remarks>
    private async ValueTask<SessionWriteStatus> RotateFreelyAsync(RedisWrite write, string newId, CancellationToken cancellationToken)
    {
        RedisKey[] target = [records.KeyOf(newId), LinkOf(newId)];
        var milliseconds = Math.Max(ShortestReservation.TotalMilliseconds, CallsOfARotation * options.OperationTimeout.TotalMilliseconds);
        var reservation = NewReservation();
        if (!(bool)await connection.EvaluateAsync(write.Operation, ClusterCommands.Reserve, target, [(long)milliseconds, reservation], cancellationToken, writes: true).ConfigureAwait(false))
        {
            var old = await connection.EvaluateAsync(write.Operation, records.Get, [records.KeyOf(write.Id)], [], cancellationToken).ConfigureAwait(false);
            if (old.IsNull)
                return SessionWriteStatus.Gone;

            return write.Expected.IsNullOrEmpty || (RedisValue)old[0] == write.Expected ? SessionWriteStatus.Taken : SessionWriteStatus.Conflict;
        }

        // From here on a cancellation would leave neither record, so that the rest is carried out.
        cancellationToken.ThrowIfCancellationRequested();
        var create = write with { Script = RedisCommands.Create, Id = newId, Expected = reservation };
        if (write.Subject is not null)
            await EnterAsync(create, CancellationToken.None, placeOf: write.Id).ConfigureAwait(false);

        var left = await connection.EvaluateAsync(
            write.Operation, ClusterCommands.Leave, [records.KeyOf(write.Id), LinkOf(write.Id)], [write.Expected, newId], CancellationToken.None, writes: true).ConfigureAwait(false);
        var status = RedisCommands.StatusOf(left[0]);
        if (status != SessionWriteStatus.Written)
        {
            await TakeAsync(write.Operation, newId, reservation, CancellationToken.None).ConfigureAwait(false);
            if (write.Subject is not null)
                await RemoveEntriesAsync(write.Operation, write.Subject, [newId], CancellationToken.None).ConfigureAwait(false);

            return status;
        }

        // A writer that has set the new id since, against its reservation, is not disturbed; the session is gone then.
        var (created, _) = await AfterWriteAsync(WriteEnteredAsync(create, CancellationToken.None)).ConfigureAwait(false);
        if (left.Length > 1)
            await AfterWriteAsync(new ValueTask<bool>(RemoveEntryAsync(write.Operation, (string)left[1]!, write.Id, isRotated: true, CancellationToken.None))).ConfigureAwait(false);

        return created == SessionWriteStatus.Taken ? SessionWriteStatus.Gone : created;
    }

    /// <inheritdoc/>
    /// <remarks>From the old record along the links. Once something has been removed, a cancellation would leave the rest.</remarks>
    public async ValueTask<bool> DestroyAsync(string operation, string id, CancellationToken cancellationToken)
    {
        var isEnded = false;
        for (var hop = 0; hop <= RotationLink.MaxHops; hop++)
        {
            RedisValue[] values = [hop > 0 ? "1" : "0"];
            var reply = isEnded
                ? await AfterWriteAsync(DestroyOneAsync(operation, id, values, cancellationToken)).ConfigureAwait(false)
                : await DestroyOneAsync(operation, id, values, cancellationToken).ConfigureAwait(false);
            isEnded |= (bool)reply[0];
            if (isEnded)
                cancellationToken = CancellationToken.None;

            if ((string)reply[1]! is { Length: > 0 } subject)
                await AfterWriteAsync(RemoveEntriesAsync(operation, subject, [id], cancellationToken)).ConfigureAwait(false);

            id = (string)reply[2]!;
            if (id.Length == 0)
                break;
        }

        return isEnded;
    }

    private ValueTask<RedisResult> DestroyOneAsync(string operation, string id, RedisValue[] values, CancellationToken cancellationToken) =>
        connection.EvaluateAsync(operation, ClusterCommands.Destroy, [records.KeyOf(id), LinkOf(id)], values, cancellationToken, writes: true);

    /// <inheritdoc/>
    public async ValueTask<SessionWriteStatus> TakeAsync(string operation, string id, RedisValue expected, CancellationToken cancellationToken)
    {
        var reply = await connection.EvaluateAsync(operation, RedisCommands.Take, [records.KeyOf(id)], [expected], cancellationToken, writes: true).ConfigureAwait(false);
        if (reply.Length > 1)
            await RemoveEntriesAsync(operation, (string)reply[1]!, [id], CancellationToken.None).ConfigureAwait(false);

        return RedisCommands.StatusOf(reply[0]);
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryVoidAsync(string operation, string subject, CancellationToken cancellationToken) => new(false);

    /// <inheritdoc/>
    public ValueTask<RedisResult> PageAsync(string operation, string subject, string position, int size, CancellationToken cancellationToken) =>
        connection.EvaluateAsync(operation, records.Page, [records.IndexOf(subject)], [position, size], cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Keys of a cluster are in different slots: one command for each, sent together.</remarks>
    public Task UnlinkAsync(string operation, IEnumerable<RedisKey> keys, CancellationToken cancellationToken) =>
        Task.WhenAll(keys.Select(key => connection.ExecuteAsync(operation, "UNLINK", [key], cancellationToken).AsTask()));

    /// <inheritdoc/>
    public RedisKey LinkOf(string id)
    {
        var key = options.KeyPrefix + id;
        return $"{RedisCommands.LinkPrefix}{{{ClusterSlots.TagOf(key)}}}{key}";
    }

    /// <inheritdoc/>
    public string LinksOf(string prefix) => $"{RedisCommands.LinkPrefix}{{*}}{prefix}";

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RedisKey>> RoutesAsync(string operation, string prefix, CancellationToken cancellationToken) =>
        ClusterSlots.HasTag(prefix)
            ? [prefix]
            : ClusterSlots.Routes(await connection.EvaluateAsync(operation, ClusterCommands.Slots, [prefix], [], cancellationToken).ConfigureAwait(false), prefix);

    /// <summary>The text null with white space that no other rotation has, so that none takes the id that another one keeps free.</summary>
    private static string NewReservation() => RedisCommands.Reservation + RandomNumberGenerator.GetString(" \t", 48);

    /// <summary>Enters the id in the index, writes the record, and enters the id once more (see the index).</summary>
    private async ValueTask<(SessionWriteStatus Status, byte[] Overwritten)> WriteRecordAsync(RedisWrite write, CancellationToken cancellationToken)
    {
        if (write.Subject is not null)
            await EnterAsync(write, cancellationToken).ConfigureAwait(false);

        return await WriteEnteredAsync(write, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for a step after the one that wrote the record: a fault in it does not say that nothing was written.</summary>
    private static async ValueTask<T> AfterWriteAsync<T>(ValueTask<T> step)
    {
        try
        {
            return await step.ConfigureAwait(false);
        }
        catch (SessionStoreException exception) when (!exception.MayHaveWritten)
        {
            throw WriteOutcome.AfterWrite(exception);
        }
    }

    /// <summary>Writes the record of an id that the index has. Returns the outcome, and the value that a replacement wrote over.</summary>
    private async ValueTask<(SessionWriteStatus Status, byte[] Overwritten)> WriteEnteredAsync(RedisWrite write, CancellationToken cancellationToken)
    {
        RedisKey[] keys = write.Script == RedisCommands.ReplaceIndexed ? [records.KeyOf(write.Id)] : [records.KeyOf(write.Id), LinkOf(write.Id)];
        RedisValue[] values = [write.Stored, RedisCommands.IdleOf(write.Lifetime), RedisCommands.EndOf(write.Lifetime), _storesNoExpiry, write.Expected];
        var reply = await connection.EvaluateAsync(write.Operation, write.Script, keys, values, cancellationToken, writes: true).ConfigureAwait(false);
        var (status, overwritten) = reply.Length > 1 ? (RedisCommands.StatusOf(reply[0]), (byte[])reply[1]!) : (RedisCommands.StatusOf(reply), (byte[])write.Expected!);
        if (write.Subject is not null && status == SessionWriteStatus.Written)
            await AfterWriteAsync(EnterAgainAsync(write.Operation, write.Subject, write.Id, write.Lifetime, CancellationToken.None)).ConfigureAwait(false);
        else if (write.Subject is not null)
            await RemoveEntriesAsync(write.Operation, write.Subject, [write.Id], CancellationToken.None).ConfigureAwait(false);

        return (status, overwritten);
    }
}
