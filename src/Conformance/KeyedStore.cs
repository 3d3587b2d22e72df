namespace SessionStores.Conformance;

/// <summary>A store whose subjects are the keys of another, so that the cases of subjects check keys. The sessions of the other store all have one subject, which
/// has to stay theirs.</summary>
internal sealed class KeyedStore(ISessionStore inner) : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionPruning
{
    private const string Owner = "owner";

    private ISessionKeys Keys => inner.Require<ISessionKeys>();

    public bool PrunesItself => inner.Require<ISessionPruning>().PrunesItself;

    public TCapability? GetCapability<TCapability>()
        where TCapability : class
    {
        var isOffered = typeof(TCapability) == typeof(ISessionSubjects) ? inner.GetCapability<ISessionKeys>() is not null : inner.GetCapability<TCapability>() is not null;
        return isOffered ? this as TCapability : null;
    }

    public async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default) =>
        await inner.GetAsync(id, slide, cancellationToken) is { } record ? Outside(record) : null;

    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        inner.CreateAsync(id, Inside(content), cancellationToken);

    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        inner.ReplaceAsync(id, version, Inside(content), cancellationToken);

    public ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default) => inner.SetAsync(id, Inside(content), cancellationToken);

    public ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default) => inner.TouchAsync(id, lifetime, cancellationToken);

    public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default) => inner.DestroyAsync(id, cancellationToken);

    public ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        inner.RotateAsync(id, newId, version, Inside(content), cancellationToken);

    public IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default) =>
        inner.Require<ISessionEnumeration>().AllAsync(withPayloads, cancellationToken).Select(Outside);

    public ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) => inner.Require<ISessionEnumeration>().LengthAsync(cancellationToken);

    public ValueTask ClearAsync(CancellationToken cancellationToken = default) => inner.Require<ISessionEnumeration>().ClearAsync(cancellationToken);

    public async ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default)
    {
        var page = await Keys.PageByKeyAsync(subject, size, continuation, withPayloads, cancellationToken);
        return new SessionPage([.. page.Sessions.Select(Outside)], page.Continuation);
    }

    public ValueTask<long> CountBySubjectAsync(string subject, CancellationToken cancellationToken = default) => Keys.CountByKeyAsync(subject, cancellationToken);

    public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default) =>
        Keys.DestroyByKeyAsync(subject, exceptIds, cancellationToken);

    public ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default) => inner.Require<ISessionPruning>().PruneAsync(batchSize, cancellationToken);

    private static SessionContent Inside(SessionContent content) => new(content.Payload, content.Lifetime, Owner, content.Subject);

    private static SessionRecord Outside(SessionRecord record)
    {
        Expect.Equal(Owner, record.Subject, "the subject of a session whose key is written");
        return new SessionRecord(record.Id, record.Payload, record.ExpiresAt, record.Remaining, record.Key, record.Version);
    }
}
