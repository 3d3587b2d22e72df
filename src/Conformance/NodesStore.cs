namespace SessionStores.Conformance;

/// <summary>Two stores on the same data as one, for the races: while <see cref="CaseContext.Spreads"/> is set, calls go to them in turn, as the requests
/// of one user do that a load balancer spreads over the nodes of a site. What is safe only inside of one process shows then.</summary>
internal sealed class NodesStore(CaseContext context, ISessionStore here, ISessionStore there)
    : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionKeys, ISessionCaps, ISessionEpochs, ISessionPruning, ISessionExpirations, ISessionSuccessors
{
    private int _calls;

    public bool PrunesItself => here.Require<ISessionPruning>().PrunesItself;

    private ISessionStore Next => context.Spreads && (Interlocked.Increment(ref _calls) & 1) == 0 ? there : here;

    public TCapability? GetCapability<TCapability>()
        where TCapability : class => here.GetCapability<TCapability>() is null ? null : this as TCapability;

    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default) =>
        Next.GetAsync(id, slide, cancellationToken);

    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        Next.CreateAsync(id, content, cancellationToken);

    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        Next.ReplaceAsync(id, version, content, cancellationToken);

    public ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        Next.SetAsync(id, content, cancellationToken);

    public ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default) =>
        Next.TouchAsync(id, lifetime, cancellationToken);

    public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default) => Next.DestroyAsync(id, cancellationToken);

    public ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        Next.RotateAsync(id, newId, version, content, cancellationToken);

    public IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionEnumeration>().AllAsync(withPayloads, cancellationToken);

    public ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) => Next.Require<ISessionEnumeration>().LengthAsync(cancellationToken);

    public ValueTask ClearAsync(CancellationToken cancellationToken = default) => Next.Require<ISessionEnumeration>().ClearAsync(cancellationToken);

    public ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionSubjects>().PageBySubjectAsync(subject, size, continuation, withPayloads, cancellationToken);

    public ValueTask<long> CountBySubjectAsync(string subject, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionSubjects>().CountBySubjectAsync(subject, cancellationToken);

    public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionSubjects>().DestroyBySubjectAsync(subject, exceptIds, cancellationToken);

    public ValueTask<SessionPage> PageByKeyAsync(
        string key, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionKeys>().PageByKeyAsync(key, size, continuation, withPayloads, cancellationToken);

    public ValueTask<long> CountByKeyAsync(string key, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionKeys>().CountByKeyAsync(key, cancellationToken);

    public ValueTask<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionKeys>().DestroyByKeyAsync(key, exceptIds, cancellationToken);

    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionCaps>().CreateAsync(id, content, cap, cancellationToken);

    public ValueTask<SessionWriteResult> ReplaceAsync(
        string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionCaps>().ReplaceAsync(id, version, content, cap, cancellationToken);

    public ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionCaps>().RotateAsync(id, newId, version, content, cap, cancellationToken);

    public ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionEpochs>().VoidBySubjectAsync(subject, cancellationToken);

    public ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionPruning>().PruneAsync(batchSize, cancellationToken);

    public ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(int size, TimeSpan lease, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionExpirations>().ClaimExpiredAsync(size, lease, cancellationToken);

    public ValueTask ConfirmExpiredAsync(IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionExpirations>().ConfirmExpiredAsync(sessions, cancellationToken);

    public ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken = default) =>
        Next.Require<ISessionSuccessors>().FindSuccessorAsync(id, cancellationToken);
}
