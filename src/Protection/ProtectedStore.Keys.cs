namespace SessionStores.Protection;

/// <content>The sessions of a subject or with a key: the forms in which the text may be stored follow each other.</content>
public sealed partial class ProtectedStore
{
    private ISessionSubjects Subjects => Capability<ISessionSubjects>();

    private ISessionKeys Keys => Capability<ISessionKeys>();

    /// <inheritdoc/>
    /// <remarks>The sessions that are stored with the subject itself and with its hash under each key follow each other; a session that is moved to another key in
    /// the meantime may be listed twice. Payloads are read in any case: id and subject are in them.</remarks>
    public ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        return PageAsync(
            subject, FormsOf(subject, subject, _ring.Keys), record => record.Subject == subject, Subjects.PageBySubjectAsync, size, continuation, withPayloads, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidSubject(subject);
        var keys = _ring.Keys;
        return DestroyAsync(FormsOf(subject, subject, keys), keys, exceptIds, Subjects.DestroyBySubjectAsync, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>As <see cref="PageBySubjectAsync"/>.</remarks>
    public ValueTask<SessionPage> PageByKeyAsync(
        string key, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidKey(key);
        return PageAsync(
            KeyIndex.NameOf(key), FormsOf(key, KeyIndex.NameOf(key), _ring.Keys), record => record.Key == key, Keys.PageByKeyAsync, size, continuation, withPayloads, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidKey(key);
        var keys = _ring.Keys;
        return DestroyAsync(FormsOf(key, KeyIndex.NameOf(key), keys), keys, exceptIds, Keys.DestroyByKeyAsync, cancellationToken);
    }

    private async ValueTask<SessionPage> PageAsync(
        string name, List<string> forms, Func<SessionRecord, bool> belongs, Func<string, int, string?, bool, CancellationToken, ValueTask<SessionPage>> read,
        int size, string? continuation, bool withPayloads, CancellationToken cancellationToken)
    {
        SessionPage.ThrowIfInvalidSize(size);
        var (form, inner) = PositionOf(name, continuation, forms);

        var records = new List<SessionRecord>();
        while (form < forms.Count && records.Count < size)
        {
            var page = await read(forms[form], size - records.Count, inner, true, cancellationToken).ConfigureAwait(false);
            records.AddRange(page.Sessions.Select(OpenListed).OfType<SessionRecord>().Where(belongs)
                .Select(record => withPayloads ? record : record.WithoutPayload()));
            inner = page.Continuation;
            if (inner is null)
                form++;
        }

        return new SessionPage(records, form == forms.Count ? null : SessionPage.ContinuationAfter(name, $"{forms[form]}\n{inner}"));
    }

    private async ValueTask<long> DestroyAsync(
        List<string> forms, KeySet keys, IReadOnlyCollection<string>? exceptIds,
        Func<string, IReadOnlyCollection<string>?, CancellationToken, ValueTask<long>> destroy, CancellationToken cancellationToken)
    {
        var kept = SessionArguments.DistinctIds(exceptIds)
            .SelectMany(id => _options.AcceptUnprotected ? keys.All.Select(key => _protector.HashId(key, id)).Append(id) : keys.All.Select(key => _protector.HashId(key, id))).ToList();
        var destroyed = 0L;
        foreach (var form in forms)
            destroyed += await destroy(form, kept, cancellationToken).ConfigureAwait(false);

        return destroyed;
    }

    /// <summary>The form whose page is next, and the continuation in it. A position names the form and not its number, since keys may change
    /// between two pages; where its key is gone, so are its sessions.</summary>
    private static (int Form, string? Continuation) PositionOf(string name, string? continuation, List<string> forms)
    {
        if (SessionPage.PositionOf(name, continuation)?.Split('\n') is not [var form, var next])
            return (0, null);

        var index = forms.IndexOf(form);
        return index < 0 ? (0, null) : (index, next.Length == 0 ? null : next);
    }

    /// <summary>The texts under which sessions may be stored: the text itself, and its hash under each key, since
    /// <see cref="SessionProtectionOptions.HashSubjects"/> may have been another when they were. The current one is the last, because sessions move towards it.</summary>
    /// <param name="text">The subject or key.</param>
    /// <param name="hashed">What is hashed: a key and a subject of the same text have other hashes.</param>
    /// <param name="keys">The keys of the protection.</param>
    private List<string> FormsOf(string text, string hashed, KeySet keys)
    {
        var hashes = keys.All.Reverse().Select(key => key.HashSubject(hashed));
        return _options.HashSubjects ? [text, .. hashes] : [.. hashes, text];
    }
}
