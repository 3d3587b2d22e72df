using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SessionStores.Moving;

/// <summary>Moves sessions from one store to another, of any kind, while the application runs: each session when it is next used, with its content, subject
/// and expiry, and without a log-out.</summary>
/// <remarks>
/// <para>A move is done in steps, after each of which any node can continue: a process that dies loses and doubles nothing, and content that was read before a session
/// ended cannot bring it back. The contract of the new side holds (L1 to L23), with the exceptions that the package's README lists. A side that cannot be reached
/// fails the call; it is never "no session".</para>
/// <para>A session on the new side is read in one round trip. One that is nowhere costs three, and the move of one about eight, once.</para>
/// </remarks>
public sealed partial class MovingStore : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionKeys, ISessionCaps, ISessionEpochs, ISessionPruning, ISessionExpirations, ISessionSuccessors, IAsyncDisposable, IDisposable
{
    private readonly MovingReport _report;
    private readonly Lead _lead;

    /// <summary>Creates a store over two others, which it then owns and disposes.</summary>
    /// <param name="from">The old side: the store that the sessions leave.</param>
    /// <param name="to">The new side: the store that they move to.</param>
    /// <param name="options">The options; null for the defaults. Later changes to the object have no effect.</param>
    /// <param name="logger">Logs the stage, and what a node did that knows only one side. Optional.</param>
    /// <exception cref="ArgumentException">An option is invalid, or both stores keep their sessions in the same place.</exception>
    public MovingStore(ISessionStore from, ISessionStore to, MovingStoreOptions? options = null, ILogger<MovingStore>? logger = null)
        : this(from, to, options, logger, null)
    {
    }

    internal MovingStore(ISessionStore from, ISessionStore to, MovingStoreOptions? options, ILogger? logger, Func<MovingReport, Lead>? lead)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        options ??= new MovingStoreOptions();
        options.Validate();
        if (ReferenceEquals(from, to) || (from.KeySpace is { } place && place == to.KeySpace))
        {
            throw new ArgumentException(
                $"Sessions cannot be moved from a store to itself, but both sides are {to.KeySpace ?? "one store"}. Give the new side a key prefix, table, collection or database of its own.");
        }

        From = from;
        To = to;
        Stage = options.Stage;
        _report = new MovingReport(from, to, options.Stage, logger ?? NullLogger.Instance);
        _lead = lead?.Invoke(_report) ?? LeadOf(options.Stage, new MovingSteps(from, to, _report));
    }

    /// <summary>The place of the new side.</summary>
    public string? KeySpace => To.KeySpace;

    /// <summary>The place of the old side (<see cref="ISessionStore.KeySpace"/>).</summary>
    public string? OldKeySpace => From.KeySpace;

    internal ISessionStore From { get; }

    internal ISessionStore To { get; }

    internal MovingStage Stage { get; }

    /// <inheritdoc/>
    public ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return _lead.GetAsync(id, slide, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return _lead.CreateAsync(id, CheckedCopy(content), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidVersion(version);
        return _lead.ReplaceAsync(id, version, CheckedCopy(content), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return _lead.SetAsync(id, CheckedCopy(content), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return _lead.TouchAsync(id, lifetime, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return _lead.Steps.EndAsync(id, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default)
    {
        ThrowIfInvalidRotation(id, newId, version);
        return _lead.RotateAsync(id, newId, version, CheckedCopy(content), cancellationToken);
    }

    /// <summary>Disposes both stores.</summary>
    public async ValueTask DisposeAsync()
    {
        _report.Dispose();
        await DisposeAsync(To).ConfigureAwait(false);
        await DisposeAsync(From).ConfigureAwait(false);
    }

    /// <summary>Disposes both stores, where they can be disposed synchronously.</summary>
    public void Dispose()
    {
        _report.Dispose();
        (To as IDisposable)?.Dispose();
        (From as IDisposable)?.Dispose();
    }

    /// <summary>Moves a session for its own sake.</summary>
    internal async ValueTask<MoveStep> MoveAsync(string id, CancellationToken cancellationToken)
    {
        var (_, isMoved) = await _lead.Steps.SettleAsync(id, cancellationToken).ConfigureAwait(false);
        if (isMoved)
            return MoveStep.Moved;

        return await To.GetAsync(id, null, cancellationToken).ConfigureAwait(false) is null ? MoveStep.Ended : MoveStep.AlreadyThere;
    }

    private static void ThrowIfInvalidRotation(string id, string newId, SessionVersion version)
    {
        SessionArguments.ThrowIfInvalidId(id);
        SessionArguments.ThrowIfInvalidId(newId);
        SessionArguments.ThrowIfInvalidVersion(version);
        if (id == newId)
            throw new ArgumentException("The new id must differ from the old one.", nameof(newId));
    }

    internal static Lead LeadOf(MovingStage stage, MovingSteps steps) => stage == MovingStage.Prepare ? new OldSideLeads(steps) : new NewSideLeads(steps);

    private static ValueTask DisposeAsync(ISessionStore store)
    {
        if (store is IAsyncDisposable asynchronous)
            return asynchronous.DisposeAsync();

        (store as IDisposable)?.Dispose();
        return default;
    }

    /// <summary>Checks content and copies its payload: it may be written after a first round trip, when the caller could have changed it.</summary>
    private SessionContent CheckedCopy(in SessionContent content)
    {
        SessionArguments.ThrowIfInvalidContent(content, int.MaxValue, GetCapability<ISessionKeys>() is not null);
        if (MovingRecord.MoveOf(content.Payload.Span) is not null)
            throw new ArgumentException($"A session payload must not end with a member {MovingRecord.Member}, which marks sessions that are being moved.", nameof(content));

        return new SessionContent(content.Payload.ToArray(), content.Lifetime, content.Subject, content.Key);
    }
}
