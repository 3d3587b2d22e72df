using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SessionStores.Protection;

/// <summary>Protects the sessions of another store at rest: the server sees hashed ids and sealed payloads, and whoever reads or changes its data can
/// neither use a session nor read, alter or move one.</summary>
/// <remarks>
/// <para>What cannot be opened is no session: reads return null, listings skip it, and a log line and a counter give the reason. Writes by id meet it as
/// they meet any record. The contract of the wrapped store holds otherwise, with its versions, its clock and its capabilities.</para>
/// <para>While there are older keys, a session is looked for under the hash of each key when it is not found under the current one, and its next write moves
/// it there in one step. Until then it is where it was, so no user is logged out.</para>
/// </remarks>
public sealed partial class ProtectedStore : ISessionStore, ISessionEnumeration, ISessionSubjects, ISessionKeys, ISessionCaps, ISessionEpochs, ISessionPruning, ISessionSuccessors, IAsyncDisposable, ISessionExpirations, IDisposable
{
    private readonly ISessionStore _inner;
    private readonly SessionProtectionOptions _options;
    private readonly Protector _protector;
    private readonly KeyRing _ring;
    private readonly ProtectionReport _report;
    private readonly ILogger _logger;
    private bool _isDisposed;

    /// <summary>Wraps a store, which it then owns and disposes.</summary>
    /// <param name="inner">The store that keeps the protected sessions.</param>
    /// <param name="options">The keys, and how they are used. Later changes to the object have no effect.</param>
    /// <param name="timeProvider">Measures when keys are asked for again and reasons are logged again; null for the system's.</param>
    /// <param name="logger">Logs keys and refused records. Optional.</param>
    /// <exception cref="ArgumentException">An option is invalid; every such option is named.</exception>
    public ProtectedStore(ISessionStore inner, SessionProtectionOptions options, TimeProvider? timeProvider = null, ILogger<ProtectedStore>? logger = null)
        : this(inner, options, new Protector(), timeProvider, logger)
    {
    }

    internal ProtectedStore(ISessionStore inner, SessionProtectionOptions options, Protector protector, TimeProvider? timeProvider = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _inner = inner;
        _options = options.Copy();
        _protector = protector;
        _logger = logger ?? NullLogger.Instance;
        _ring = new KeyRing(_options, timeProvider ?? TimeProvider.System, _logger);
        _report = new ProtectionReport(this, _logger, timeProvider ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public string? KeySpace => _inner.KeySpace;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SessionRecord?> GetAsync(string id, SlidingExpiry? slide = null, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        foreach (var place in PlacesOf(id))
        {
            SessionRecord? stored;
            try
            {
                stored = await _inner.GetAsync(place.Id, slide, cancellationToken).ConfigureAwait(false);
            }
            catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
            {
                _report.Refused(Refusal.Unreadable);
                return null;
            }

            if (stored is not null)
                return place.IsProtected ? Open(stored, id) : OpenUnprotected(stored);
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> CreateAsync(string id, SessionContent content, CancellationToken cancellationToken = default) =>
        CreateAsync(id, content, null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> ReplaceAsync(string id, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        ReplaceAsync(id, version, content, null, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask SetAsync(string id, SessionContent content, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var places = PlacesOf(id);
        var stored = Seal(places.Keys, id, content);
        try
        {
            foreach (var place in places)
            {
                // A session that is under an older key is moved, so that its id is never at two places.
                if (place.Id != places.Current
                    && (await _inner.RotateAsync(place.Id, places.Current, SessionVersion.Any, stored, cancellationToken).ConfigureAwait(false)).Status == SessionWriteStatus.Written)
                    return;
            }

            await _inner.SetAsync(places.Current, stored, cancellationToken).ConfigureAwait(false);
        }
        catch (SessionPayloadTooLargeException refused)
        {
            throw TooLarge(content, stored, refused);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TouchAsync(string id, SessionLifetime lifetime, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        foreach (var place in PlacesOf(id))
        {
            if (await _inner.TouchAsync(place.Id, lifetime, cancellationToken).ConfigureAwait(false))
                return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        foreach (var place in PlacesOf(id))
        {
            // An id is at one place only. To go on would end a session that takes the id in the meantime.
            if (await _inner.DestroyAsync(place.Id, cancellationToken).ConfigureAwait(false))
                return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public ValueTask<SessionWriteResult> RotateAsync(string id, string newId, SessionVersion version, SessionContent content, CancellationToken cancellationToken = default) =>
        RotateAsync(id, newId, version, content, null, cancellationToken);

    /// <summary>Disposes the wrapped store.</summary>
    /// <exception cref="InvalidOperationException">The wrapped store can only be disposed asynchronously.</exception>
    public void Dispose()
    {
        _isDisposed = true;
        _report.Dispose();
        if (_inner is IDisposable disposable)
            disposable.Dispose();
        else if (_inner is IAsyncDisposable)
            throw new InvalidOperationException($"{_inner.GetType().Name} can only be disposed asynchronously. Call DisposeAsync.");
    }

    /// <summary>Disposes the wrapped store.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        _report.Dispose();
        if (_inner is IAsyncDisposable asyncDisposable)
            await asyncDisposable.DisposeAsync().ConfigureAwait(false);
        else if (_inner is IDisposable disposable)
            disposable.Dispose();
    }

    private Places PlacesOf(string id, KeySet? keys = null)
    {
        // The wrapped store may have nothing to dispose.
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new Places(_protector, keys ?? _ring.Keys, id, _options.AcceptUnprotected);
    }

    private SessionContent Seal(KeySet keys, string id, in SessionContent content)
    {
        SessionArguments.ThrowIfInvalidContent(content, _options.MaxPayloadBytes, _inner.GetCapability<ISessionKeys>() is not null);
        return _protector.Seal(keys, id, content, _options.HashSubjects);
    }

    private SessionRecord? Open(SessionRecord stored, string? id)
    {
        var problem = _protector.Open(_ring.Keys, stored, id, out var opened);
        if (problem != Refusal.None)
        {
            _report.Refused(problem);
            return null;
        }

        _report.Opened(opened.Key.Id);
        return new SessionRecord(opened.Id, opened.Payload, stored.ExpiresAt, stored.Remaining, opened.Subject, stored.Version, opened.SecondKey);
    }

    private SessionRecord? OpenUnprotected(SessionRecord stored)
    {
        if (SealedRecord.KeyOf(stored.Payload.Span) is not null)
        {
            _report.Refused(Refusal.OtherSession);
            return null;
        }

        _report.AcceptedUnprotected();
        return stored;
    }

    /// <summary>Whether a live session has an id under an older key, or without protection.</summary>
    private async ValueTask<bool> IsTakenElsewhereAsync(Places places, CancellationToken cancellationToken)
    {
        foreach (var place in places)
        {
            if (place.Id != places.Current && await _inner.GetAsync(place.Id, null, cancellationToken).ConfigureAwait(false) is not null)
                return true;
        }

        return false;
    }

    /// <summary>Why a rotation to an id that is taken is not done: the first that holds of gone, conflict and taken (L10).</summary>
    private async ValueTask<SessionWriteStatus> StatusOfTakenAsync(Places places, SessionVersion version, CancellationToken cancellationToken)
    {
        foreach (var place in places)
        {
            if (await _inner.GetAsync(place.Id, null, cancellationToken).ConfigureAwait(false) is { } stored)
                return version.IsAny || stored.Version == version ? SessionWriteStatus.Taken : SessionWriteStatus.Conflict;
        }

        return SessionWriteStatus.Gone;
    }

    private static SessionPayloadTooLargeException TooLarge(in SessionContent content, in SessionContent stored, SessionPayloadTooLargeException refused) =>
        new(content.Payload.Length, SealedRecord.LargestPayload(refused.Limit, content.Payload.Length, stored.Payload.Length));
}
