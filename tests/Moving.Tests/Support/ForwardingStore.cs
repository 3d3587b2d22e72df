namespace SessionStores.Moving.Tests;

/// <summary>Passes everything on; the start for stores that do one thing differently. Offers the capabilities of the store behind it.</summary>
internal abstract class ForwardingStore(ISessionStore inner) : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionKeys, ISessionCaps, ISessionEpochs, ISessionPruning, ISessionExpirations, ISessionSuccessors
{
    protected ISessionStore Inner { get; } = inner;

    public virtual string? KeySpace => Inner.KeySpace;

    bool ISessionPruning.PrunesItself => Capability<ISessionPruning>().PrunesItself;

    public virtual TCapability? GetCapability<TCapability>()
        where TCapability : class => typeof(TCapability).IsInterface && Inner.GetCapability<TCapability>() is null ? null : this as TCapability ?? Inner.GetCapability<TCapability>();

    public virtual ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default) =>
        RunAsync("Get", () => Inner.GetAsync(id, slide, cancellationToken));

    public virtual ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        RunAsync("Create", () => Inner.CreateAsync(id, content, cancellationToken));

    public virtual ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        RunAsync("Replace", () => Inner.ReplaceAsync(id, version, content, cancellationToken));

    public virtual async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default) => await RunAsync("Set", async () =>
    {
        await Inner.SetAsync(id, content, cancellationToken);
        return true;
    });

    public virtual ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default) =>
        RunAsync("Touch", () => Inner.TouchAsync(id, lifetime, cancellationToken));

    public virtual ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default) =>
        RunAsync("Destroy", () => Inner.DestroyAsync(id, cancellationToken));

    public virtual ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        RunAsync("Rotate", () => Inner.RotateAsync(id, newId, version, content, cancellationToken));

    public virtual IAsyncEnumerable<SessionRecord> AllAsync(bool withPayloads = true, CancellationToken cancellationToken = default) =>
        Capability<ISessionEnumeration>().AllAsync(withPayloads, cancellationToken);

    public ValueTask<long> LengthAsync(CancellationToken cancellationToken = default) => RunAsync("Length", () => Capability<ISessionEnumeration>().LengthAsync(cancellationToken));

    public async ValueTask ClearAsync(CancellationToken cancellationToken = default) => await RunAsync("Clear", async () =>
    {
        await Capability<ISessionEnumeration>().ClearAsync(cancellationToken);
        return true;
    });

    public ValueTask<SessionPage> PageBySubjectAsync(
        string subject, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default) =>
        RunAsync("ListBySubject", () => Capability<ISessionSubjects>().PageBySubjectAsync(subject, size, continuation, withPayloads, cancellationToken));

    public ValueTask<long> CountBySubjectAsync(string subject, CancellationToken cancellationToken = default) =>
        RunAsync("CountBySubject", () => Capability<ISessionSubjects>().CountBySubjectAsync(subject, cancellationToken));

    public ValueTask<long> DestroyBySubjectAsync(string subject, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default) =>
        RunAsync("DestroyBySubject", () => Capability<ISessionSubjects>().DestroyBySubjectAsync(subject, exceptIds, cancellationToken));

    public ValueTask<SessionPage> PageByKeyAsync(
        string key, int size = 100, string? continuation = null, bool withPayloads = true, CancellationToken cancellationToken = default) =>
        RunAsync("ListByKey", () => Capability<ISessionKeys>().PageByKeyAsync(key, size, continuation, withPayloads, cancellationToken));

    public ValueTask<long> CountByKeyAsync(string key, CancellationToken cancellationToken = default) =>
        RunAsync("CountByKey", () => Capability<ISessionKeys>().CountByKeyAsync(key, cancellationToken));

    public ValueTask<long> DestroyByKeyAsync(string key, IReadOnlyCollection<string>? exceptIds = null, CancellationToken cancellationToken = default) =>
        RunAsync("DestroyByKey", () => Capability<ISessionKeys>().DestroyByKeyAsync(key, exceptIds, cancellationToken));

    public ValueTask<long> PruneAsync(int batchSize = 1000, CancellationToken cancellationToken = default) =>
        RunAsync("Prune", () => Capability<ISessionPruning>().PruneAsync(batchSize, cancellationToken));

    public virtual ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default) =>
        RunAsync("Create", () => Capability<ISessionCaps>().CreateAsync(id, content, cap, cancellationToken));

    public virtual ValueTask<SessionWriteResult> ReplaceAsync(
        string id, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default) =>
        RunAsync("Replace", () => Capability<ISessionCaps>().ReplaceAsync(id, version, content, cap, cancellationToken));

    public virtual ValueTask<SessionWriteResult> RotateAsync(
        string id, string newId, SessionVersion version, SessionContent content, SessionCap cap, CancellationToken cancellationToken = default) =>
        RunAsync("Rotate", () => Capability<ISessionCaps>().RotateAsync(id, newId, version, content, cap, cancellationToken));

    public async ValueTask VoidBySubjectAsync(string subject, CancellationToken cancellationToken = default) => await RunAsync("VoidBySubject", async () =>
    {
        await Capability<ISessionEpochs>().VoidBySubjectAsync(subject, cancellationToken);
        return true;
    });

    public ValueTask<IReadOnlyList<ExpiredSession>> ClaimExpiredAsync(int size, TimeSpan lease, CancellationToken cancellationToken = default) =>
        RunAsync("ClaimExpired", () => Capability<ISessionExpirations>().ClaimExpiredAsync(size, lease, cancellationToken));

    public async ValueTask ConfirmExpiredAsync(IReadOnlyCollection<ExpiredSession> sessions, CancellationToken cancellationToken = default) => await RunAsync("ConfirmExpired", async () =>
    {
        await Capability<ISessionExpirations>().ConfirmExpiredAsync(sessions, cancellationToken);
        return true;
    });

    public ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken = default) =>
        RunAsync("FindSuccessor", () => Capability<ISessionSuccessors>().FindSuccessorAsync(id, cancellationToken));

    /// <summary>Runs around each call.</summary>
    protected virtual ValueTask<T> RunAsync<T>(string operation, Func<ValueTask<T>> call) => call();

    private T Capability<T>()
        where T : class => Inner.GetCapability<T>() ?? throw new NotSupportedException();
}
