namespace SessionStores.AspNetCore;

/// <summary>The session of a request, or one loaded through <see cref="SessionAccess"/>.</summary>
/// <remarks>
/// <para>The changes of a request are saved before the first byte of its response, and again before the response ends if there are more
/// changes after that. Changes of other requests are merged member by member. For one request at a time: not thread-safe.</para>
/// <para>Values are copies: change a member with <see cref="Set{T}(string, T)"/> or <see cref="Update{T}(string, Func{T, T})"/>.</para>
/// </remarks>
public sealed partial class HttpSession
{
    private readonly SessionState _state;
    private readonly SessionSaver _saver;

    internal HttpSession(SessionState state, SessionSaver saver)
    {
        _state = state;
        _saver = saver;
    }

    /// <summary>The id. A secret: it gives access to the session.</summary>
    public string Id => _state.Id;

    /// <summary>The public name of the session: a digest of its id, which gives no access and so can be shown to its user, logged and sent to a
    /// browser. A new id brings a new one. <see cref="SessionAccess.DestroyByHandleAsync"/> ends a session by it.</summary>
    public string Handle => SessionHandle.Of(Id);

    /// <summary>Whether this session began in this request: it was not loaded, or it was started again with <see cref="RegenerateAsync"/>.</summary>
    public bool IsNew => _state.IsNew;

    /// <summary>Whether the session was destroyed, by this request or by another one in the meantime. It can be read, but not changed.</summary>
    public bool IsDestroyed => _state.IsDestroyed;

    /// <summary>The owner of the session, usually a user id, by which all sessions of a user can be found and ended.</summary>
    /// <remarks>A text that cannot be a subject, such as one of over 256 characters, becomes a hash, which is what this returns then.
    /// <see cref="SessionAccess"/> finds the session by the full text.</remarks>
    /// <exception cref="ArgumentException">The subject is empty.</exception>
    public string? Subject
    {
        get => _state.Data.Subject;
        set
        {
            if (value is not null)
                ArgumentException.ThrowIfNullOrEmpty(value);

            _state.SetSubject(value is null ? null : SessionSubject.Of(value));
        }
    }

    /// <summary>A second key by which sessions are found and ended together, whoever has them: the <c>sid</c> of an identity provider, a tenant, a device.
    /// <see cref="SessionAccess.DestroyByKeyAsync"/> ends them. Needs a store that offers <see cref="ISessionKeys"/>; another one refuses to save the session.</summary>
    /// <remarks>Independent of <see cref="Subject"/>. A text that cannot be a key becomes a hash, as for a subject.</remarks>
    /// <value>Null by default. A session that is started again without its data has none.</value>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public string? Key
    {
        get => _state.Data.Key;
        set
        {
            if (value is not null)
                ArgumentException.ThrowIfNullOrEmpty(value);

            _state.DataToChange().Key = value is null ? null : SessionSubject.Of(value);
        }
    }

    /// <summary>Since when the session has had its <see cref="Subject"/>; null without one, and in records that were written by another application. A new id
    /// does not change it. By the clock of the store, like the other instants of a session.</summary>
    public DateTimeOffset? CreatedAt => _state.Data.Facts.CreatedAt;

    /// <summary>When the user was authenticated last: when <see cref="Subject"/> was assigned to a session that had another one, or that got a new id in the same
    /// request; or <see cref="MarkAuthenticated"/> was called. Null without a subject.</summary>
    public DateTimeOffset? AuthenticatedAt => _state.Data.Facts.AuthenticatedAt;

    /// <summary>What the application calls the session for its user, such as the device: <see cref="SessionInfo.Label"/> shows it.</summary>
    /// <value>Null by default. At most 256 characters are kept, and halves of surrogate pairs become U+FFFD.</value>
    public string? Label
    {
        get => _state.Data.Label;
        set => _state.DataToChange().Label = value;
    }

    /// <summary>The cookie of this session.</summary>
    public SessionCookie Cookie => _state.Data.Cookie;

    /// <summary>The instant at which the session ends even if it is used, or null. A new id does not change it.
    /// <see cref="SessionStoresOptions.AbsoluteTimeout"/>, counted from the assignment, is the latest that can be assigned.</summary>
    public DateTimeOffset? AbsoluteExpiresAt
    {
        get => _state.Data.AbsoluteExpiresAt;
        set => _state.SetAbsoluteEnd(value);
    }

    /// <summary>The instant at which the session ends unless it is used again.</summary>
    public DateTimeOffset ExpiresAt => _state.ExpiresAt;

    /// <summary>How long the session still lives unless it is used again, by the clock of the store; null for one that does not expire. A request extends the session before its
    /// endpoint runs, except with <see cref="SessionMode.Peek"/>.</summary>
    public TimeSpan? Remaining => _state.Remaining;

    /// <summary>Saves now what would otherwise be saved when the response starts. Without a change it extends the stored session.</summary>
    /// <remarks>In a request <see cref="SessionStoresOptions.Outage"/> applies to this call, to <see cref="ReloadAsync"/> and to
    /// <see cref="DestroyAsync"/>: with <see cref="OutagePolicy.ServiceUnavailable503"/> an exception that the handler lets pass becomes that
    /// response; with <see cref="OutagePolicy.ContinueWithoutSession"/> there is no exception, the failure is logged, and the load result becomes
    /// <see cref="SessionLoadResult.StoreUnavailable"/>.</remarks>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    /// <exception cref="SessionLimitException">The session has got a subject that has too many sessions.</exception>
    /// <exception cref="SessionConflictException">Other requests kept changing the session, or a clash is set to fail.</exception>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task SaveAsync(CancellationToken cancellationToken = default)
    {
        _state.ThrowIfNotChangeable();
        if (!_state.CanBeStored() || _state.Scope.IsWithoutStore)
            return;

        try
        {
            if (_state is { IsStored: true, NeedsSave: false })
                await _saver.TouchAsync(_state, cancellationToken);
            else
                await _saver.SaveAsync(_state, cancellationToken);
        }
        catch (SessionStoreException failure) when (_state.Scope.ContinuesAfter(failure, "save"))
        {
            return;
        }

        if (IsDestroyed)
            throw new SessionDestroyedException();
    }

    /// <summary>Loads the session again and discards unsaved changes.</summary>
    /// <exception cref="InvalidOperationException">The session is not stored yet, or has a new id that is not saved yet.</exception>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    /// <exception cref="SessionStoreException">The store failed, or the record cannot be read.</exception>
    public async Task ReloadAsync(CancellationToken cancellationToken = default)
    {
        if (IsDestroyed)
            throw new SessionDestroyedException();

        if (_state is not { IsStored: true, RotatesFrom: null })
            throw new InvalidOperationException("The session cannot be loaded again before it is saved. Call SaveAsync first.");

        if (_state.Scope.IsWithoutStore)
            return;

        try
        {
            await _saver.ReloadAsync(_state, cancellationToken);
        }
        catch (SessionStoreException failure) when (_state.Scope.ContinuesAfter(failure, "load"))
        {
            return;
        }

        if (IsDestroyed)
            throw new SessionDestroyedException();
    }

    /// <summary>Notes that the user has just been authenticated again, such as by a password that was asked for once more.</summary>
    /// <exception cref="InvalidOperationException">The session has no <see cref="Subject"/>.</exception>
    public void MarkAuthenticated() => _state.MarkAuthenticated();

    /// <summary>Gives the session a new id. Use it at sign-in and whenever rights change. When the session is saved, the old id stops working
    /// in the same step in which the new one begins to work.</summary>
    /// <param name="keepData">Whether members and subject are kept; otherwise the session starts empty with a new cookie. The absolute limit
    /// is kept in both cases.</param>
    /// <exception cref="InvalidOperationException">The response has started, so the new id cannot reach the browser.</exception>
    public Task RegenerateAsync(bool keepData = false)
    {
        _state.Regenerate(keepData);
        return Task.CompletedTask;
    }

    /// <summary>Ends the session: it is removed from the store now, and the browser's cookie is cleared.</summary>
    /// <remarks>If the request continues without its store (<see cref="SaveAsync"/>), the browser's cookie is cleared, and the stored session may
    /// live until it expires.</remarks>
    /// <exception cref="SessionStoreException">The store failed; the session may still be there.</exception>
    public async Task DestroyAsync(CancellationToken cancellationToken = default)
    {
        if (IsDestroyed)
            return;

        _state.ThrowIfReadOnly();
        await _state.Scope.DestroyAsync(_saver, _state, cancellationToken);
    }

    /// <summary>Extends the session by its idle time when the request ends, even if that is not due yet.</summary>
    public void Touch() => _state.Touch();
}
