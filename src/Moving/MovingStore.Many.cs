namespace SessionStores.Moving;

/// <content>Enumeration, subjects, pruning and claims. A moving store has what both sides have.</content>
public sealed partial class MovingStore
{
    /// <inheritdoc/>
    bool ISessionPruning.PrunesItself => PruningOf(From)?.PrunesItself != false && PruningOf(To)?.PrunesItself != false;

    /// <inheritdoc/>
    /// <remarks>What both sides have; pruning where one has it, and caps where both find the sessions of a subject too. The class of a side is found, that of the new side
    /// first.</remarks>
    public TCapability? GetCapability<TCapability>()
        where TCapability : class
    {
        if (typeof(TCapability) == typeof(ISessionCaps) && GetCapability<ISessionSubjects>() is null)
            return null;

        if (typeof(TCapability) == typeof(ISessionEnumeration) || typeof(TCapability) == typeof(ISessionSubjects) || typeof(TCapability) == typeof(ISessionKeys) || typeof(TCapability) == typeof(ISessionCaps)
            || typeof(TCapability) == typeof(ISessionEpochs) || typeof(TCapability) == typeof(ISessionExpirations) || typeof(TCapability) == typeof(ISessionSuccessors))
            return From.GetCapability<TCapability>() is null || To.GetCapability<TCapability>() is null ? null : this as TCapability;

        if (typeof(TCapability) == typeof(ISessionPruning))
            return PruningOf(From) is null && PruningOf(To) is null ? null : this as TCapability;

        return this as TCapability ?? (typeof(TCapability).IsClass ? To.GetCapability<TCapability>() ?? From.GetCapability<TCapability>() : null);
    }

    /// <inheritdoc/>
    /// <remarks>In the stage <see cref="MovingStage.Move"/> it first moves every session that is on the old side.</remarks>
    public IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default) => withPayloads
        ? _lead.AllAsync(cancellationToken)
        : _lead.AllAsync(cancellationToken).Select(static record => record.WithoutPayload());

    /// <inheritdoc/>
    /// <remarks>A session that is being moved may be counted twice.</remarks>
    public async ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) =>
        await Enumeration(From).LengthAsync(cancellationToken).ConfigureAwait(false) + await Enumeration(To).LengthAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        // In this order: what is moved in between arrives where it is cleared.
        await Enumeration(From).ClearAsync(cancellationToken).ConfigureAwait(false);
        await Enumeration(To).ClearAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>In the stage <see cref="MovingStage.Move"/> it first moves the sessions of the subject that are on the old side.</remarks>
    public async ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        SessionPage.ThrowIfInvalidSize(size);
        SessionPage.PositionOf(subject, continuation);
        var page = await _lead.PageByAsync(Finder.BySubject, subject, size, continuation, cancellationToken).ConfigureAwait(false);
        return withPayloads ? page : new SessionPage([.. page.Sessions.Select(static record => record.WithoutPayload())], page.Continuation);
    }

    /// <inheritdoc/>
    public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return _lead.DestroyByAsync(Finder.BySubject, subject, SessionArguments.DistinctIds(exceptIds), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Prunes both sides.</remarks>
    public async ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default)
    {
        var removed = 0L;
        foreach (var side in new[] { From, To })
        {
            if (PruningOf(side) is { } pruning)
                removed += await pruning.PruneAsync(batchSize, cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }

    /// <inheritdoc/>
    /// <remarks>Claims on both sides.</remarks>
    public ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(int size, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        ExpiredSession.ThrowIfInvalid(size, lease);
        return _lead.Expirations.ClaimAsync(size, lease, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask ConfirmExpiredAsync(IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        return _lead.Expirations.ConfirmAsync(sessions, cancellationToken);
    }

    private static ISessionPruning? PruningOf(ISessionStore side) => side.GetCapability<ISessionPruning>();

    private static ISessionEnumeration Enumeration(ISessionStore side) => Lead.CapabilityOf<ISessionEnumeration>(side);
}
