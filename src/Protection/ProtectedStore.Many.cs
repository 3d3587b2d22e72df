using System.Runtime.CompilerServices;

namespace SessionStores.Protection;

/// <content>Enumeration, epochs, pruning and the change of keys. A protected store has what the wrapped one has.</content>
public sealed partial class ProtectedStore
{
    /// <inheritdoc/>
    bool ISessionPruning.PrunesItself => _inner.GetCapability<ISessionPruning>()?.PrunesItself != false;

    private ISessionEnumeration Enumeration => Capability<ISessionEnumeration>();

    /// <inheritdoc/>
    /// <remarks>Of the interfaces of the contract, those that the wrapped store offers. Of others none, since ids would reach the wrapped store without
    /// protection; its class is found.</remarks>
    public TCapability? GetCapability<TCapability>()
        where TCapability : class
    {
        if (typeof(TCapability) == typeof(ISessionEnumeration) || typeof(TCapability) == typeof(ISessionSubjects) || typeof(TCapability) == typeof(ISessionKeys)
            || typeof(TCapability) == typeof(ISessionCaps) || typeof(TCapability) == typeof(ISessionEpochs) || typeof(TCapability) == typeof(ISessionPruning)
            || typeof(TCapability) == typeof(ISessionExpirations) || typeof(TCapability) == typeof(ISessionSuccessors))
            return _inner.GetCapability<TCapability>() is null ? null : this as TCapability;

        return this as TCapability ?? (typeof(TCapability).IsClass ? _inner.GetCapability<TCapability>() : null);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Also without payloads: id and subject of a session are in its sealed payload.
        await foreach (var stored in Enumeration.AllAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (OpenListed(stored) is { } record)
                yield return withPayloads ? record : record.WithoutPayload();
        }
    }

    /// <inheritdoc/>
    /// <remarks>Counts stored sessions; those that cannot be opened may be among them.</remarks>
    public ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) => Enumeration.LengthAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask ClearAsync(CancellationToken cancellationToken = default) => Enumeration.ClearAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One command for each form in which the subject may be stored.</remarks>
    public async ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        var epochs = Capability<ISessionEpochs>();
        foreach (var form in FormsOf(subject, subject, _ring.Keys))
            await epochs.VoidBySubjectAsync(form, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default) =>
        Capability<ISessionPruning>().PruneAsync(batchSize, cancellationToken);

    /// <summary>Counts the stored sessions by the id of the key that protects them; <c>none</c> are those without protection. The gauge
    /// <c>sessionstores.protection.records</c> shows the result. Reads every session.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Every key that is in use or configured, with its count.</returns>
    /// <exception cref="NotSupportedException">The wrapped store cannot list its sessions.</exception>
    public async ValueTask<IReadOnlyDictionary<string, long>> CountByKeyAsync(CancellationToken cancellationToken = default)
    {
        var counts = _ring.Keys.All.ToDictionary(key => key.Id, _ => 0L, StringComparer.Ordinal);
        await foreach (var stored in Enumeration.AllAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            var key = SealedRecord.KeyOf(stored.Payload.Span) ?? ProtectionReport.NoKey;
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        _report.Counted(counts);
        return counts;
    }

    /// <summary>Protects with the current key what is protected with an older one, or, in the migration window, not at all. Sessions that change do so by
    /// themselves; this is for those that are only read. Call it after a change of keys, on one node, before the older key is removed.</summary>
    /// <remarks>Changes neither content nor expiry. A session that is written concurrently is left to its writer. May be ended and called again.</remarks>
    /// <param name="cancellationToken">Ends the call; what was done by then stays.</param>
    /// <returns>How many sessions were moved.</returns>
    /// <exception cref="NotSupportedException">The wrapped store cannot list its sessions.</exception>
    public async ValueTask<long> ResealAsync(CancellationToken cancellationToken = default)
    {
        var keys = _ring.Keys;
        var resealed = 0L;
        await foreach (var stored in Enumeration.AllAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (SealedRecord.KeyOf(stored.Payload.Span) == keys.Current.Id || OpenListed(stored) is not { } record)
                continue;

            var content = new SessionContent(record.Payload, record.ExpiresAt, record.Subject, record.Key);
            var moved = await _inner.RotateAsync(stored.Id, _protector.HashId(keys.Current, record.Id), stored.Version, Seal(keys, record.Id, content), cancellationToken).ConfigureAwait(false);
            resealed += moved.Status == SessionWriteStatus.Written ? 1 : 0;
        }

        Log.Resealed(_logger, resealed, keys.Current.Id);
        await CountByKeyAsync(cancellationToken).ConfigureAwait(false);
        return resealed;
    }

    private SessionRecord? OpenListed(SessionRecord stored) =>
        _options.AcceptUnprotected && SealedRecord.KeyOf(stored.Payload.Span) is null ? OpenUnprotected(stored) : Open(stored, null);

    private T Capability<T>()
        where T : class
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _inner.GetCapability<T>() ?? throw new NotSupportedException($"{_inner.GetType().Name} does not offer {typeof(T).Name}, and so it does not when it is protected either.");
    }
}
