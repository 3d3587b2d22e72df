namespace SessionStores.Moving;

/// <summary>The operations of a moving store in one stage. Arguments are checked.</summary>
internal abstract class Lead(MovingSteps steps)
{
    public MovingSteps Steps { get; } = steps;

    public Expirations Expirations { get; init; } = new(steps.From, steps.To);

    protected ISessionStore From => Steps.From;

    protected ISessionStore To => Steps.To;

    public abstract ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide, CancellationToken cancellationToken);

    public abstract ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken);

    public abstract ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken);

    public abstract ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken);

    public abstract ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken);

    public abstract ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken);

    /// <summary>Makes a write with a cap (<see cref="ISessionCaps"/>).</summary>
    public abstract ValueTask<SessionWriteResult> WriteAsync(CappedWrite write, CancellationToken cancellationToken);

    public abstract ValueTask<SessionSuccessor?> FindSuccessorAsync(string id, CancellationToken cancellationToken);

    public abstract IAsyncEnumerable<SessionRecord> AllAsync(CancellationToken cancellationToken);

    public abstract ValueTask<SessionPage> PageByAsync(Finder by, string text, int size, string? continuation, CancellationToken cancellationToken);

    public abstract ValueTask<long> DestroyByAsync(Finder by, string text, IReadOnlySet<string> kept, CancellationToken cancellationToken);

    public static T CapabilityOf<T>(ISessionStore store)
        where T : class =>
        store.GetCapability<T>() ?? throw new NotSupportedException($"{store.GetType().Name} does not offer {typeof(T).Name}, and so it does not while sessions move either.");
}
