namespace SessionStores.Memory;

/// <content>What a rotated id became.</content>
public sealed partial class MemoryStore
{
    /// <inheritdoc/>
    /// <remarks>One step over all shards.</remarks>
    public ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        ThrowIfUnusable(cancellationToken);

        using (Change.OfAll(this))
        {
            var now = _time.GetUtcNow();
            var age = RotationLink.AgeOf(ShardOf(id).Links.LeftOf(id, now.UtcTicks));
            for (var rotations = 1; rotations <= RotationLink.MaxHops && ShardOf(id).Links.Find(id, now.UtcTicks) is { } newId; rotations++)
            {
                id = newId;
                if (ShardOf(id).Find(id, now.UtcTicks) is { } record)
                    return ValueTask.FromResult<SessionSuccessor?>(new SessionSuccessor(record.ToSessionRecord(now), age, rotations));
            }

            return ValueTask.FromResult<SessionSuccessor?>(null);
        }
    }
}
