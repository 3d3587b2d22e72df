namespace SessionStores.AspNetCore;

/// <summary>The session of a request, or one loaded through <see cref="SessionAccess"/>.</summary>
/// <remarks>
/// <para>What a request changes is saved before the first byte of its response, and again before the response ends when it changes more
/// after that. Changes of other requests are merged member by member. For one request at a time: not thread-safe.</para>
/// <para>Values are copies: change a member with <see cref="Set{T}(string, T)"/> or <see cref="Update{T}(string, Func{T, T})"/>.</para>
/// </remarks>
public sealed partial class HttpSession
{
    private readonly SessionRuntime _runtime;
    private readonly SessionRequest? _request;
    private SessionData _data;
    private string? _id;
    private DateTimeOffset _storedExpiresAt;

    internal HttpSession(SessionRuntime runtime, SessionRequest? request, SessionData data)
    {
        _runtime = runtime;
        _request = request;
        _data = data;
        IsNew = true;
        data.Cookie.Owner = this;
    }

    internal HttpSession(SessionRuntime runtime, SessionRequest? request, SessionData data, SessionRecord record)
        : this(runtime, request, data)
    {
        _id = record.Id;
        _storedExpiresAt = record.ExpiresAt;
        Version = record.Version;
        IsStored = true;
        IsNew = false;
    }

    /// <summary>The id. A secret: whoever has it, has the session.</summary>
    public string Id => _id ??= _runtime.NewId(_request?.Context);

    /// <summary>Whether this session began in this request: it was not loaded, or it started anew with <see cref="RegenerateAsync"/>.</summary>
    public bool IsNew { get; private set; }

    /// <summary>Whether the session was destroyed, by this request or meanwhile by another one. It can be read, but not changed.</summary>
    public bool IsDestroyed { get; private set; }

    /// <summary>Whose session it is, usually a user id, so that all sessions of a user can be found and ended.</summary>
    /// <exception cref="ArgumentException">The subject is not 1 to 256 characters without control characters.</exception>
    public string? Subject
    {
        get => _data.Subject;
        set
        {
            if (value is not null)
                SessionArguments.ThrowIfInvalidSubject(value, nameof(value));

            ThrowIfNotChangeable();
            _data.Subject = value;
        }
    }

    /// <summary>The cookie of this session.</summary>
    public SessionCookie Cookie => _data.Cookie;

    /// <summary>The instant at which the session ends whatever happens, or null. It survives a new id.</summary>
    public DateTimeOffset? AbsoluteExpiresAt
    {
        get => _data.AbsoluteExpiresAt;
        set
        {
            ThrowIfNotChangeable();
            _data.AbsoluteExpiresAt = value;
        }
    }

    /// <summary>The instant at which the session ends unless it is used again.</summary>
    public DateTimeOffset ExpiresAt => IsStored && !_data.IsModified
        ? _storedExpiresAt
        : _data.ExpiryFrom(_runtime.Clock.GetUtcNow(), _runtime.Options.IdleTimeout);

    internal bool IsStored { get; private set; }

    internal SessionVersion Version { get; private set; }

    /// <summary>The id under which the session is stored while a new id waits to be saved.</summary>
    internal string? RotatesFrom { get; private set; }

    internal bool RotationKeepsData { get; private set; } = true;

    /// <summary>Whether there is something to save: changes, or a new id.</summary>
    internal bool NeedsSave => IsRegenerated || _data.IsModified;

    internal bool IsTouchRequested { get; private set; }

    /// <summary>Whether something was saved that the browser has to be told.</summary>
    internal bool IsCookieDue { get; private set; }

    /// <summary>Whether this request has written or extended the stored session.</summary>
    internal bool IsWritten { get; private set; }

    private bool IsRegenerated { get; set; }

    /// <summary>Saves now what would otherwise be saved when the response starts. Without a change it extends the stored session.</summary>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    /// <exception cref="SessionConflictException">Others kept changing the session, or a clash is set to fail.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task SaveAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotChangeable();
        if (_request is not null && !_request.CanStore(this))
            return;

        if (IsStored && !NeedsSave)
            await TouchStoredAsync(cancellationToken);
        else
            await _runtime.Saver.SaveAsync(this, cancellationToken);

        if (IsDestroyed)
            throw new SessionDestroyedException();
    }

    /// <summary>Loads the session again and drops what was changed and not saved.</summary>
    /// <exception cref="InvalidOperationException">The session is not stored yet, or waits for a new id to be saved.</exception>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    /// <exception cref="SessionStoreException">The store failed, or the record cannot be read.</exception>
    public async Task ReloadAsync(CancellationToken cancellationToken = default)
    {
        if (IsDestroyed)
            throw new SessionDestroyedException();

        if (!IsStored || RotatesFrom is not null)
            throw new InvalidOperationException("The session cannot be loaded again before it is saved.");

        var record = await _runtime.Calls.GetAsync(Id, null, cancellationToken);
        if (record is null)
        {
            MarkGone();
            throw new SessionDestroyedException();
        }

        _data = _runtime.Read(record);
        _data.Cookie.Owner = this;
        _data.Cookie.Touch(_runtime.Clock.GetUtcNow(), _data.AbsoluteExpiresAt);
        _storedExpiresAt = record.ExpiresAt;
        Version = record.Version;
    }

    /// <summary>Gives the session a new id, at sign-in and whenever rights change. The old id stops working in the same step in which the
    /// new one begins to, when the session is saved.</summary>
    /// <param name="keepData">Whether members and subject stay; otherwise the session starts empty with a new cookie. The absolute limit
    /// stays either way.</param>
    /// <exception cref="InvalidOperationException">The response has started, so that the new id cannot reach the browser.</exception>
    public Task RegenerateAsync(bool keepData = false)
    {
        ThrowIfNotChangeable();
        ThrowIfCookieCannotBeSent();
        if (IsStored)
            RotatesFrom ??= Id;

        _id = _runtime.NewId(_request?.Context);
        IsRegenerated = true;
        if (keepData)
            return Task.CompletedTask;

        RotationKeepsData = false;
        IsNew = true;
        _data = SessionData.New(_request?.NewCookie() ?? SessionCookie.Create(_runtime.Options.Cookie, isSecureRequest: true, _runtime.Clock), _data.AbsoluteExpiresAt);
        _data.Cookie.Owner = this;
        return Task.CompletedTask;
    }

    /// <summary>Ends the session: it is removed from the store now, and the browser is told to drop its cookie.</summary>
    /// <exception cref="SessionStoreException">The store failed; the session may still be there.</exception>
    public async Task DestroyAsync(CancellationToken cancellationToken = default)
    {
        if (IsDestroyed)
            return;

        ThrowIfReadOnly();
        if (IsStored)
        {
            await _runtime.Calls.DestroyAsync(RotatesFrom ?? Id, cancellationToken);
            _runtime.Metrics.Save("destroy");
        }

        IsDestroyed = true;
        _request?.OnDestroyed();
    }

    /// <summary>Extends the session by its idle time when the request ends, even if it is not due for that yet.</summary>
    public void Touch()
    {
        ThrowIfNotChangeable();
        IsTouchRequested = true;
        _data.Cookie.Touch(_runtime.Clock.GetUtcNow(), _data.AbsoluteExpiresAt);
    }

    internal void ThrowIfCookieCannotBeSent()
    {
        ThrowIfReadOnly();
        if (_request is { HasResponseStarted: true })
            throw new InvalidOperationException("The response has started, so that no session cookie can be sent any more. Change the session before the first byte is written.");
    }

    internal SessionContent Content()
    {
        var now = _runtime.Clock.GetUtcNow();
        return new SessionContent(_data.Write(now), _data.ExpiryFrom(now, _runtime.Options.IdleTimeout), _data.Subject);
    }

    /// <summary>Takes what was stored as the new state.</summary>
    internal void Accept(in SessionContent content, SessionVersion version)
    {
        IsCookieDue |= !IsStored || IsRegenerated || _data.Cookie.IsChanged || (_data.IsModified && _data.Cookie.OriginalMaxAge is not null);
        _data.Accept(content.Payload);
        _storedExpiresAt = content.ExpiresAt;
        Version = version;
        IsStored = true;
        IsWritten = true;
        IsRegenerated = false;
        RotatesFrom = null;
        RotationKeepsData = true;
    }

    /// <summary>Puts the changes of this request onto a newer record.</summary>
    /// <returns>How many members others had changed.</returns>
    internal int Rebase(SessionRecord record, Func<string, SessionClash, ReadOnlyMemory<byte>?> resolve)
    {
        var theirs = _runtime.Read(record);
        var changed = _data.CountDifferences(theirs);
        _data.Rebase(theirs, resolve);
        Version = record.Version;
        return changed;
    }

    internal void TakeOtherId() => _id = _runtime.NewId(_request?.Context);

    /// <summary>Another request destroyed the session, or it expired: it stays so, and this request learns it.</summary>
    internal void MarkGone()
    {
        IsDestroyed = true;
        _runtime.Metrics.ResurrectionBlocked();
        Log.ResurrectionBlocked(_runtime.Logger);
        _request?.OnGone();
    }

    /// <summary>Extends the stored session when a set share of its idle time has passed, or when asked to.</summary>
    internal ValueTask TouchIfDueAsync(CancellationToken cancellationToken)
    {
        if (!IsTouchRequested)
        {
            if (_storedExpiresAt == SessionExpiry.Never)
                return default;

            var now = _runtime.Clock.GetUtcNow();
            var idle = _data.IdleTime(_runtime.Options.IdleTimeout);
            var isDue = _storedExpiresAt - now < idle * (1 - _runtime.Options.TouchAfter) && _storedExpiresAt < _data.ExpiryFrom(now, idle);
            if (!isDue)
                return default;
        }

        return new ValueTask(TouchStoredAsync(cancellationToken));
    }

    private async Task TouchStoredAsync(CancellationToken cancellationToken)
    {
        var expiresAt = _data.ExpiryFrom(_runtime.Clock.GetUtcNow(), _runtime.Options.IdleTimeout);
        IsTouchRequested = false;
        if (!await _runtime.Calls.TouchAsync(Id, expiresAt, cancellationToken))
        {
            MarkGone();
            return;
        }

        IsWritten = true;
        _runtime.Metrics.Save("touch");
        if (expiresAt > _storedExpiresAt)
            _storedExpiresAt = expiresAt;
    }

    private void ThrowIfNotChangeable()
    {
        if (IsDestroyed)
            throw new SessionDestroyedException();

        ThrowIfReadOnly();
        if (!IsStored || RotatesFrom is not null)
            ThrowIfCookieCannotBeSent();
    }

    private void ThrowIfReadOnly()
    {
        if (_request is { Mode: SessionMode.ReadOnly })
            throw new InvalidOperationException("The endpoint asked for a session to read only (SessionMode.ReadOnly).");
    }
}
