namespace SessionStores.Memory;

/// <content>Expired sessions that are claimed.</content>
public sealed partial class MemoryStore
{
    private ExpiredSessions? _expirations;

    /// <inheritdoc/>
    /// <remarks>The first call makes the store keep the sessions that expire from then on, up to <see cref="MemoryStoreOptions.MaxSessions"/> beside the live ones.</remarks>
    public ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(int size, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        ExpiredSession.ThrowIfInvalid(size, lease);
        ThrowIfUnusable(cancellationToken);
        var expirations = _expirations ?? KeepExpired();
        RemoveExpired(PruneStep, cancellationToken);
        return ValueTask.FromResult(expirations.Claim(size, lease, _time.GetUtcNow()));
    }

    /// <inheritdoc/>
    public ValueTask ConfirmExpiredAsync(IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        ThrowIfUnusable(cancellationToken);
        _expirations?.Confirm(sessions);
        return ValueTask.CompletedTask;
    }

    private ExpiredSessions KeepExpired()
    {
        using (new Change(this, _shards[0], all: true))
        {
            _expirations ??= new ExpiredSessions(_options.MaxSessions);
            foreach (var shard in _shards)
                shard.Expirations = _expirations;

            return _expirations;
        }
    }
}
