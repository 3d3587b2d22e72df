namespace SessionStores.Redis;

/// <content>The end of all sessions of a subject.</content>
public sealed partial class RedisStore
{
    /// <inheritdoc/>
    /// <remarks>One script on a single server, which removes the sessions that the index of the subject lists and serves no other client until it has. On Redis Cluster, where they are
    /// on several nodes, each is removed in a step of its own: when the call has returned all are gone, and one that fails has removed some.</remarks>
    public async ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        const string operation = "VoidBySubject";
        SessionArguments.ThrowIfInvalidSubject(subject);
        if (_options.PayloadTransform is not null)
            throw new NotSupportedException("A RedisStore with a PayloadTransform has no epochs: the server cannot tell whose session a record is. Use UseProtection instead of the transform.");

        var topology = _topology ?? await FindTopologyAsync(operation, cancellationToken).ConfigureAwait(false);
        if (!await topology.TryVoidAsync(operation, subject, cancellationToken).ConfigureAwait(false))
            await DestroyBySubjectAsync(subject, null, cancellationToken).ConfigureAwait(false);
    }
}
