using StackExchange.Redis;

namespace SessionStores.Redis;

/// <content>The sessions of a subject, found by its index.</content>
public sealed partial class RedisStore
{
    /// <summary>The replies of <see cref="RedisCommands.Follow"/>.</summary>
    private enum Followed
    {
        Nothing,
        Ended,
        Link,
        Session,
    }

    /// <inheritdoc/>
    /// <remarks>One round trip, on Redis Cluster two, and one more where the index has entries whose record has ended. In the order of the digests of the
    /// ids, so that a continuation contains no id. The server sends payloads in any case: the subject is part of them.</remarks>
    public async ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        const string operation = "ListBySubject";
        SessionArguments.ThrowIfInvalidSubject(subject);
        SessionPage.ThrowIfInvalidSize(size);
        var position = SessionPage.PositionOf(subject, continuation) ?? "";

        var topology = _topology ?? await FindTopologyAsync(operation, cancellationToken).ConfigureAwait(false);
        var reply = (RedisResult[])(await topology.PageAsync(operation, subject, position, size, cancellationToken).ConfigureAwait(false))!;
        var read = await Task.WhenAll(reply.Skip(1).Select(entry => ReadEntryAsync(operation, entry, cancellationToken))).ConfigureAwait(false);

        LogSkipped(read.Count(static entry => entry.IsUnreadable));
        await topology.RemoveEntriesAsync(operation, subject, [.. read.Where(static entry => entry is { Record: null, IsUnreadable: false }).Select(static entry => entry.Id)], cancellationToken).ConfigureAwait(false);
        var records = read.Where(entry => entry.Record?.Subject == subject).Select(entry => withPayloads ? entry.Record! : entry.Record!.WithoutPayload()).ToList();
        return new SessionPage(records, (string)reply[0]! is { Length: > 0 } last ? SessionPage.ContinuationAfter(subject, last) : null);
    }

    /// <inheritdoc/>
    /// <remarks>A session that is given a new id in the meantime is found by its link. A record that cannot be read is removed too, since the index
    /// says whose it is.</remarks>
    public async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        const string operation = "DestroyBySubject";
        SessionArguments.ThrowIfInvalidSubject(subject);
        var kept = SessionArguments.DistinctIds(exceptIds);
        var topology = _topology ?? await FindTopologyAsync(operation, cancellationToken).ConfigureAwait(false);
        long destroyed = 0;
        foreach (var batch in (await IdsOfAsync(operation, subject, cancellationToken).ConfigureAwait(false)).Chunk(Batch))
        {
            // What the kept ids became is looked up after the sessions were read: a rotation that led to one of these has written its link by then.
            var ids = batch.Where(id => !kept.Contains(id)).ToArray();
            var read = await ReadAsync(operation, ids, cancellationToken).ConfigureAwait(false);
            var spared = await WithSuccessorsAsync(topology, operation, kept, cancellationToken).ConfigureAwait(false);
            var outcomes = await Task.WhenAll(ids.Zip(read, (id, first) => DestroyOfAsync(topology, subject, id, first, spared, cancellationToken))).ConfigureAwait(false);
            destroyed += outcomes.LongCount(static outcome => outcome);
        }

        return destroyed;
    }

    /// <summary>The ids in the index of a subject, live or not.</summary>
    private async ValueTask<string[]> IdsOfAsync(string operation, string subject, CancellationToken cancellationToken) =>
        (string[])(await _connection.ExecuteAsync(operation, "ZRANGE", [_records.IndexOf(subject), "0", "-1"], cancellationToken).ConfigureAwait(false))!;

    /// <summary>Reads an entry of a page: its record came with it, or has to be read.</summary>
    private async Task<(string Id, SessionRecord? Record, bool IsUnreadable)> ReadEntryAsync(string operation, RedisResult entry, CancellationToken cancellationToken)
    {
        var id = (string)entry[0]!;
        if (entry.Length == 1)
        {
            var (read, isUnreadable) = await ReadAsync(operation, id, cancellationToken).ConfigureAwait(false);
            return (id, read, isUnreadable);
        }

        if (entry[1].IsNull)
            return (id, null, true);

        try
        {
            return (id, _records.Decode(operation, id, new RedisReading((byte[])entry[1]!, (long)entry[2], (long)entry[3], IsWhole: true)), false);
        }
        catch (SessionStoreException exception) when (exception.Fault == SessionStoreFault.Unreadable)
        {
            return (id, null, true);
        }
    }

    /// <summary>Destroys a session while it has this subject, whatever is written to it and whatever ids it gets concurrently.</summary>
    /// <param name="topology">The servers.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="id">The id of the session.</param>
    /// <param name="first">The session as it was read; null when it was not yet.</param>
    /// <param name="exceptIds">The ids to keep and what they had become by the time when the session had been read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    private async Task<bool> DestroyOfAsync(
        IRedisTopology topology, string subject, string id, (SessionRecord? Record, bool IsUnreadable)? first, IReadOnlySet<string> exceptIds, CancellationToken cancellationToken)
    {
        const string operation = "DestroyBySubject";
        for (var hop = 0; hop <= RotationLink.MaxHops;)
        {
            if (exceptIds.Contains(id))
                return false;

            var (record, isUnreadable) = first ?? await ReadAsync(operation, id, cancellationToken).ConfigureAwait(false);
            if (isUnreadable || record?.Subject == subject)
            {
                if (first is null)
                    exceptIds = await WithSuccessorsAsync(topology, operation, exceptIds, cancellationToken).ConfigureAwait(false);

                first = null;
                if (exceptIds.Contains(id))
                    return false;

                var outcome = await topology.TakeAsync(operation, id, isUnreadable ? RedisValue.EmptyString : RedisRecord.Expected(record!.Version), cancellationToken).ConfigureAwait(false);
                if (outcome != SessionWriteStatus.Gone)
                {
                    if (outcome == SessionWriteStatus.Written)
                        return true;

                    continue;
                }
            }
            else if (record is not null)
            {
                return false;
            }

            first = null;
            var (what, next) = await FollowAsync(topology, operation, id, hop > 0, cancellationToken).ConfigureAwait(false);
            if (what is Followed.Ended)
                return true;

            if (what is Followed.Nothing)
            {
                await topology.RemoveEntriesAsync(operation, subject, [id], cancellationToken).ConfigureAwait(false);
                return false;
            }

            if (what is Followed.Link)
            {
                id = next!;
                hop++;
            }
        }

        return false;
    }

    /// <summary>Some ids and what they have become.</summary>
    private async ValueTask<IReadOnlySet<string>> WithSuccessorsAsync(IRedisTopology topology, string operation, IReadOnlySet<string> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
            return ids;

        var all = new HashSet<string>(ids, StringComparer.Ordinal);
        var current = ids.ToArray();
        for (var hop = 0; hop < RotationLink.MaxHops && current.Length > 0; hop++)
        {
            var followed = await Task.WhenAll(current.Select(id => FollowAsync(topology, operation, id, false, cancellationToken).AsTask())).ConfigureAwait(false);
            current = [.. followed.Where(static each => each.What == Followed.Link).Select(static each => each.Id!).Where(all.Add)];
        }

        return all;
    }

    private async ValueTask<(Followed What, string? Id)> FollowAsync(IRedisTopology topology, string operation, string id, bool endsRotation, CancellationToken cancellationToken)
    {
        RedisKey[] keys = [_records.KeyOf(id), topology.LinkOf(id)];
        var reply = await _connection.EvaluateAsync(operation, RedisCommands.Follow, keys, [endsRotation ? "1" : "0"], cancellationToken, writes: endsRotation).ConfigureAwait(false);
        return ((Followed)(int)reply[0], reply.Length > 1 ? (string?)reply[1] : null);
    }
}
