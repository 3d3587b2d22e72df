using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace SessionStores.Redis;

/// <content>Creations, replacements and rotations, with a cap and without.</content>
public sealed partial class RedisStore
{
    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        ThrowIfInvalidCap(content, cap);
        return CreateAsync(id, content, (SessionCap?)cap, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        ThrowIfInvalidCap(content, cap);
        return ReplaceAsync(id, version, content, (SessionCap?)cap, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default)
    {
        ThrowIfInvalidCap(content, cap);
        return RotateAsync(id, newId, version, content, (SessionCap?)cap, cancellationToken);
    }

    /// <remarks>No caps and no epochs with <see cref="RedisStoreOptions.PayloadTransform"/>: the server cannot tell whose session a record is then. Claims of expired sessions only with
    /// <see cref="RedisStoreOptions.KeepExpired"/>.</remarks>
    TCapability? ISessionStore.GetCapability<TCapability>()
        where TCapability : class =>
        ((typeof(TCapability) == typeof(ISessionCaps) || typeof(TCapability) == typeof(ISessionEpochs)) && _options.PayloadTransform is not null)
        || (typeof(TCapability) == typeof(ISessionExpirations) && !_options.KeepExpired)
            ? null
            : this as TCapability;

    private void ThrowIfInvalidCap(in SessionContent content, SessionCap cap)
    {
        SessionArguments.ThrowIfInvalidCap(content, cap);
        if (_options.PayloadTransform is not null)
            throw new NotSupportedException("A RedisStore with a PayloadTransform has no caps: the server cannot tell whose session a record is. Use UseProtection instead of the transform.");
    }

    private async ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap? cap, CancellationToken cancellationToken)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var write = Write("Create", RedisCommands.Create, id, content, RedisValue.EmptyString, cap);

        var topology = _topology ?? await FindTopologyAsync(write.Operation, cancellationToken).ConfigureAwait(false);
        return Result(await topology.WriteAsync(write, cancellationToken).ConfigureAwait(false), write.Stored);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, SessionCap? cap, CancellationToken cancellationToken)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidVersion(version);
        var write = Write("Replace", RedisCommands.ReplaceIndexed, id, content, RedisRecord.Expected(version), cap);
        var isPlain = !version.IsAny && !_options.KeepExpired && !_options.DisableExpiry && RedisCommands.IsPlain(content.Lifetime) && RedisRecord.KeepsSubject(write.Stored, write.Subject, version.Content.Span);

        var topology = _topology ?? await FindTopologyAsync(write.Operation, cancellationToken).ConfigureAwait(false);
        var status = isPlain
            ? await _connection.ReplaceAsync(write, _records.KeyOf(id), cancellationToken).ConfigureAwait(false)
            : await topology.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        return Result(status, write.Stored);
    }

    private async ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, SessionCap? cap, CancellationToken cancellationToken)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidId(newId);
        SessionArguments.ThrowIfInvalidVersion(version);
        if (id == newId)
            throw new ArgumentException("The new id must differ from the old one.", nameof(newId));

        var write = Write("Rotate", RedisCommands.Rotate, id, content, RedisRecord.Expected(version), cap);

        var topology = _topology ?? await FindTopologyAsync(write.Operation, cancellationToken).ConfigureAwait(false);
        return Result(await topology.RotateAsync(write, newId, cancellationToken).ConfigureAwait(false), write.Stored);
    }
}
