namespace SessionStores.Memory;

/// <content>Caps: writes that hold the locks of all shards, since the sessions of a subject are in all of them.</content>
public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidCap(content, cap);
        return CreateAsync(id, content, (SessionCap?)cap, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidCap(content, cap);
        return ReplaceAsync(id, version, content, (SessionCap?)cap, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidCap(content, cap);
        return RotateAsync(id, newId, version, content, (SessionCap?)cap, cancellationToken);
    }

    /// <summary>Makes room for one more session of a subject, unless the cap refuses it. The caller holds all locks where there is a cap.</summary>
    /// <param name="cap">The cap; null for none.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="written">The session that is written over, which keeps its place if it is the subject's; null for a new one.</param>
    /// <param name="now">The time, in UTC ticks.</param>
    private bool TryMakeRoom(SessionCap? cap, string? subject, MemoryRecord? written, long now)
    {
        if (cap is not { } limit || written?.Subject == subject)
            return true;

        var records = _shards.SelectMany(shard => shard.Snapshot(subject!)).Where(record => record.IsLive(now)).ToList();
        if (records.Count < limit.Most)
            return true;

        if (!limit.EndsOldest)
            return false;

        foreach (var oldest in records.OrderBy(static record => record.JoinedAt).ThenBy(static record => record.Id, StringComparer.Ordinal).Take(records.Count - limit.Most + 1))
            ShardOf(oldest.Id).Remove(oldest);

        return true;
    }
}
