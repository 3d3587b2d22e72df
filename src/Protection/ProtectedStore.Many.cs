using System.Runtime.CompilerServices;

namespace SessionStores.Protection;

/// <content>Enumeration, subjects, pruning and the change of keys. A protected store has what the wrapped one has.</content>
public sealed partial class ProtectedStore
{
    /// <inheritdoc/>
    bool ISessionPruning.PrunesItself => _inner.GetCapability<ISessionPruning>()?.PrunesItself != false;

    private ISessionEnumeration Enumeration => Capability<ISessionEnumeration>();

    private ISessionSubjects Subjects => Capability<ISessionSubjects>();

    /// <inheritdoc/>
    /// <remarks>Of the interfaces of the contract, those that the wrapped store offers. Of others none, since ids would reach the wrapped store without
    /// protection; its class is found.</remarks>
    public TCapability? GetCapability<TCapability>()
        where TCapability : class
    {
        if (typeof(TCapability) == typeof(ISessionEnumeration) || typeof(TCapability) == typeof(ISessionSubjects)
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
    /// <remarks>The sessions that are stored with the subject itself and with its hash under each key follow each other; a session that is moved to another key in
    /// the meantime may be listed twice. Payloads are read in any case: id and subject are in them.</remarks>
    public async ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        SessionPage.ThrowIfInvalidSize(size);
        var forms = FormsOf(subject, _ring.Keys);
        var (form, inner) = PositionOf(subject, continuation, forms);

        var records = new List<SessionRecord>();
        while (form < forms.Count && records.Count < size)
        {
            var page = await Subjects.PageBySubjectAsync(forms[form], size - records.Count, inner, withPayloads: true, cancellationToken).ConfigureAwait(false);
            records.AddRange(page.Sessions.Select(OpenListed).OfType<SessionRecord>().Where(record => record.Subject == subject)
                .Select(record => withPayloads ? record : record.WithoutPayload()));
            inner = page.Continuation;
            if (inner is null)
                form++;
        }

        return new SessionPage(records, form == forms.Count ? null : SessionPage.ContinuationAfter(subject, $"{forms[form]}\n{inner}"));
    }

    /// <inheritdoc/>
    public async ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        var keys = _ring.Keys;
        var kept = SessionArguments.DistinctIds(exceptIds)
            .SelectMany(id => _options.AcceptUnprotected ? keys.All.Select(key => _protector.HashId(key, id)).Append(id) : keys.All.Select(key => _protector.HashId(key, id))).ToList();
        var destroyed = 0L;
        foreach (var form in FormsOf(subject, keys))
            destroyed += await Subjects.DestroyBySubjectAsync(form, kept, cancellationToken).ConfigureAwait(false);

        return destroyed;
    }

    /// <inheritdoc/>
    /// <remarks>One command for each form in which the subject may be stored.</remarks>
    public async ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        var epochs = Capability<ISessionEpochs>();
        foreach (var form in FormsOf(subject, _ring.Keys))
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

            var content = new SessionContent(record.Payload, record.ExpiresAt, record.Subject);
            var moved = await _inner.RotateAsync(stored.Id, _protector.HashId(keys.Current, record.Id), stored.Version, Seal(keys, record.Id, content), cancellationToken).ConfigureAwait(false);
            resealed += moved.Status == SessionWriteStatus.Written ? 1 : 0;
        }

        Log.Resealed(_logger, resealed, keys.Current.Id);
        await CountByKeyAsync(cancellationToken).ConfigureAwait(false);
        return resealed;
    }

    /// <summary>The form of the subject whose page is next, and the continuation in it. A position names the form and not its number, since keys may change
    /// between two pages; where its key is gone, so are its sessions.</summary>
    private static (int Form, string? Continuation) PositionOf(string subject, string? continuation, List<string> forms)
    {
        if (SessionPage.PositionOf(subject, continuation)?.Split('\n') is not [var form, var next])
            return (0, null);

        var index = forms.IndexOf(form);
        return index < 0 ? (0, null) : (index, next.Length == 0 ? null : next);
    }

    private SessionRecord? OpenListed(SessionRecord stored) =>
        _options.AcceptUnprotected && SealedRecord.KeyOf(stored.Payload.Span) is null ? OpenUnprotected(stored) : Open(stored, null);

    /// <summary>The subjects under which the sessions of a subject may be stored: itself, and its hash under each key, since
    /// <see cref="SessionProtectionOptions.HashSubjects"/> may have been another when they were. The current one is the last, because sessions move towards it.</summary>
    private List<string> FormsOf(string subject, KeySet keys)
    {
        var hashed = keys.All.Reverse().Select(key => key.HashSubject(subject));
        return _options.HashSubjects ? [subject, .. hashed] : [.. hashed, subject];
    }

    private T Capability<T>()
        where T : class
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _inner.GetCapability<T>() ?? throw new NotSupportedException($"{_inner.GetType().Name} does not offer {typeof(T).Name}, and so it does not when it is protected either.");
    }
}
