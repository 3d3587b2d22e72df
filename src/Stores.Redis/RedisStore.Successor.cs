namespace SessionStores.Redis;

/// <content>What a rotated id became.</content>
public sealed partial class RedisStore
{
    /// <inheritdoc/>
    /// <remarks>A script and a read for each rotation.</remarks>
    public ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return Successors.FindAsync(id, FindLinkAsync, (current, token) => GetAsync(current, null, token), cancellationToken);
    }

    private async ValueTask<(string NewId, TimeSpan Left)?> FindLinkAsync(string id, CancellationToken cancellationToken)
    {
        const string operation = "FindSuccessor";
        var topology = _topology ?? await FindTopologyAsync(operation, cancellationToken).ConfigureAwait(false);
        var reply = await _connection.EvaluateAsync(operation, RedisCommands.FindLink, [topology.LinkOf(id)], NoValues, cancellationToken).ConfigureAwait(false);
        return reply.IsNull ? null : ((string)reply[0]!, TimeSpan.FromMilliseconds((long)reply[1]));
    }
}
