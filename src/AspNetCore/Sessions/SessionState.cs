namespace SessionStores.AspNetCore;

/// <summary>A session as it is now: id, version, data, and what has to be saved. Loading and saving work on it; <see cref="HttpSession"/> is
/// its public face. No I/O.</summary>
internal sealed class SessionState
{
    private readonly SessionScope _scope;
    private readonly DateTimeOffset? _firstEnd;
    private string? _id;
    private DateTimeOffset _storedExpiresAt;
    private bool _isRegenerated;

    /// <summary>Starts a new session.</summary>
    public SessionState(SessionScope scope, SessionData data)
    {
        _scope = scope;
        Data = data;
        data.Cookie.Scope = scope;
        IsNew = true;
        _firstEnd = data.AbsoluteExpiresAt;
    }

    /// <summary>A session that was loaded.</summary>
    public SessionState(SessionScope scope, SessionData data, SessionRecord record)
        : this(scope, data)
    {
        _id = record.Id;
        _storedExpiresAt = record.ExpiresAt;
        StoredSubject = record.Subject;
        Version = record.Version;
        IsStored = true;
        IsNew = false;
    }

    public SessionSet Set => _scope.Set;

    public SessionScope Scope => _scope;

    public SessionData Data { get; private set; }

    public string Id => _id ??= _scope.NewId();

    /// <summary>The ids under which the session is or will be stored; none for a new one that has not been asked for its id.</summary>
    public IEnumerable<string> Ids => new[] { _id, RotatesFrom }.OfType<string>();

    /// <summary>The version of the stored record on which the data is based.</summary>
    public SessionVersion Version { get; private set; }

    /// <summary>The owner in the stored record.</summary>
    public string? StoredSubject { get; private set; }

    public bool IsNew { get; private set; }

    public bool IsStored { get; private set; }

    /// <summary>Whether the session has ended: here, or in another request.</summary>
    public bool IsDestroyed { get; private set; }

    /// <summary>Whether it ended in another request.</summary>
    public bool IsGone { get; private set; }

    /// <summary>The id under which the session is stored until the new id is saved.</summary>
    public string? RotatesFrom { get; private set; }

    public bool RotationKeepsData { get; private set; } = true;

    /// <summary>Whether there is something to save: changes, or a new id.</summary>
    public bool NeedsSave => _isRegenerated || Data.IsModified;

    /// <summary>Whether something was saved that needs a new cookie.</summary>
    public bool IsCookieDue { get; private set; }

    /// <summary>Whether the stored session was written or extended here.</summary>
    public bool IsWritten { get; private set; }

    private DateTimeOffset StoreNow => Set.StoreClock.Now;

    /// <summary>The first record of a new session begins with durations only, as long as the time of the store is not known: the session is not
    /// over at once because of the clock of this node.</summary>
    private SessionLifetime Lifetime => !IsStored && !Set.StoreClock.IsKnown && Data.AbsoluteExpiresAt == _firstEnd && Set.Options.AbsoluteTimeout is { } longest
        ? Data.IdleTime(Set.Options.IdleTimeout) is var idle && idle < longest ? idle : longest
        : Data.Lifetime(Set.Options.IdleTimeout);

    public DateTimeOffset ExpiresAt
    {
        get
        {
            // A limit of the options that the record does not have yet is a change, but a peek does not save it.
            if (!IsStored || (Data.IsModified && _scope.Mode != SessionMode.Peek))
                return Lifetime.ExpiryAt(StoreNow);

            return Data.AbsoluteExpiresAt is { } end && end < _storedExpiresAt ? end : _storedExpiresAt;
        }
    }

    public TimeSpan? Remaining => SessionExpiry.Remaining(ExpiresAt, StoreNow);

    /// <summary>Whether <see cref="Touch"/> was called since the stored session was extended.</summary>
    public bool IsTouchRequested { get; private set; }

    /// <summary>Whether the stored session has to be extended because a share of its idle time has passed.</summary>
    public bool IsTouchDue
    {
        get
        {
            if (_storedExpiresAt == SessionExpiry.Never)
                return false;

            var now = StoreNow;
            var idle = Data.IdleTime(Set.Options.IdleTimeout);
            return _storedExpiresAt - now < idle * (1 - Set.Options.TouchAfter) && _storedExpiresAt < Lifetime.ExpiryAt(now);
        }
    }

    /// <summary>Returns the data in order to change it.</summary>
    /// <exception cref="InvalidOperationException">The session is new and the response has started, or the endpoint only reads.</exception>
    /// <exception cref="SessionDestroyedException">The session is gone.</exception>
    public SessionData DataToChange()
    {
        ThrowIfNotChangeable();
        return Data;
    }

    public void ThrowIfNotChangeable()
    {
        if (IsDestroyed)
            throw new SessionDestroyedException();

        _scope.ThrowIfReadOnly();
        if (_scope.IsSuperseded)
            throw new SessionRotatedException();

        if (!IsStored || RotatesFrom is not null)
            _scope.ThrowIfCookieCannotBeSent();

        _scope.OnChanging();
    }

    /// <summary>Sets the absolute end, as far as the options allow.</summary>
    public void SetAbsoluteEnd(DateTimeOffset? end) => DataToChange().AbsoluteExpiresAt = _scope.LimitedEnd(end, StoreNow);

    /// <summary>Sets the owner. Who becomes the owner has just been authenticated; so has the present one if the session gets a new id in this request.</summary>
    public void SetSubject(string? subject)
    {
        var data = DataToChange();
        if (subject != data.Subject)
            data.SetSubject(subject, StoreNow, subject is not null && Set.HasTickets ? SessionFacts.NewDevice() : null);
        else if (subject is not null && _isRegenerated)
            data.SetAuthenticated(StoreNow);
    }

    /// <summary>The owner has just been authenticated again.</summary>
    /// <exception cref="InvalidOperationException">The session has no owner.</exception>
    public void MarkAuthenticated()
    {
        var data = DataToChange();
        if (data.Subject is null)
            throw new InvalidOperationException("The session has no subject that could have been authenticated. Set HttpSession.Subject instead; that notes the time too.");

        data.SetAuthenticated(StoreNow);
    }

    public void ThrowIfReadOnly() => _scope.ThrowIfReadOnly();

    /// <summary>Whether the session can be stored in such a way that its browser can return with it.</summary>
    public bool CanBeStored() => (IsStored && RotatesFrom is null) || _scope.CanSend(Data.Cookie);

    /// <summary>Moves the end of the cookie, and extends the stored session when the request ends.</summary>
    public void Touch()
    {
        ThrowIfNotChangeable();
        IsTouchRequested = true;
        Data.Cookie.Touch(Data.AbsoluteExpiresAt);
    }

    /// <summary>Takes a new id, which replaces the old one when the session is saved.</summary>
    public void Regenerate(bool keepData)
    {
        if (_scope.IsSuperseded && !keepData && !IsDestroyed)
            BeginAnother();

        ThrowIfNotChangeable();
        _scope.ThrowIfCookieCannotBeSent();
        if (IsStored)
            RotatesFrom ??= Id;

        RenewId();
        _isRegenerated = true;
        if (keepData)
            return;

        RotationKeepsData = false;
        IsNew = true;
        Take(SessionData.New(_scope.NewCookie(), Data.AbsoluteExpiresAt));
    }

    public void RenewId() => _id = _scope.NewId();

    /// <summary>The record to write.</summary>
    public SessionContent Content()
    {
        // Who has the former id may read a session that was only renewed, but never one to which its owner has just signed in.
        if (RotatesFrom is not null || Data.IsOwnerChanged)
            Data.SetRenewed(RotatesFrom is not null && RotationKeepsData && Data is { Subject: not null, IsOwnerChanged: false });

        if (Data.Subject is { } owner && _scope.SignedInDevice(owner, Data.Device) is { } device && device != Data.Device)
            Data.Device = device;

        var lifetime = Lifetime;
        return new SessionContent(Data.Write(), lifetime, Data.Subject, Data.Key);
    }

    /// <summary>The record was written: nothing is left to save.</summary>
    public void Accept(in SessionContent content, SessionVersion version)
    {
        IsCookieDue |= !IsStored || _isRegenerated || Data.Cookie.IsChanged || (Data.IsModified && Data.Cookie.OriginalMaxAge is not null);
        if (IsStored && !_isRegenerated && content.Subject is not null && content.Subject != StoredSubject && _scope.IsOfRequest)
            Log.SignInWithoutNewId(Set.Logger);

        Data.Accept(content.Payload);
        _storedExpiresAt = content.Lifetime.ExpiryAt(StoreNow);
        StoredSubject = content.Subject;
        Version = version;
        IsStored = true;
        IsWritten = true;
        _isRegenerated = false;
        RotatesFrom = null;
        RotationKeepsData = true;
    }

    /// <summary>Begins to extend the stored session.</summary>
    /// <returns>The new lifetime.</returns>
    public SessionLifetime BeginTouch()
    {
        IsTouchRequested = false;
        return Lifetime;
    }

    /// <summary>The stored session was extended.</summary>
    public void AcceptTouch(SessionLifetime lifetime)
    {
        IsWritten = true;
        var expiresAt = lifetime.ExpiryAt(StoreNow);
        if (expiresAt > _storedExpiresAt)
            _storedExpiresAt = expiresAt;
    }

    /// <summary>Applies the changes to a newer record.</summary>
    /// <returns>How many members another request had changed.</returns>
    public int Rebase(SessionRecord record, SessionData theirs, Func<string, SessionClash, ReadOnlyMemory<byte>?> resolve)
    {
        var changed = Data.CountDifferences(theirs);
        Data.Rebase(theirs, resolve);
        Version = record.Version;
        return changed;
    }

    /// <summary>Discards the changes in favor of a newer record.</summary>
    public void Reload(SessionRecord record, SessionData data)
    {
        Take(data);
        Data.Cookie.Touch(Data.AbsoluteExpiresAt);
        _storedExpiresAt = record.ExpiresAt;
        Version = record.Version;
    }

    /// <summary>The session was destroyed here.</summary>
    public void MarkDestroyed() => IsDestroyed = true;

    /// <summary>Another request destroyed the session, or it expired. It is not created again.</summary>
    public void MarkGone()
    {
        IsDestroyed = true;
        IsGone = true;
        Set.Metrics.ResurrectionBlocked();
        Log.ResurrectionBlocked(Set.Logger);
    }

    /// <summary>Leaves the session that another request has given a new id, and begins one of its own.</summary>
    private void BeginAnother()
    {
        _scope.ThrowIfCookieCannotBeSent();
        _scope.IsSuperseded = false;
        (IsStored, IsNew, Version) = (false, true, default);
        Take(SessionData.New(_scope.NewCookie(), _firstEnd));
    }

    private void Take(SessionData data)
    {
        data.Cookie.Scope = _scope;
        Data = data;
    }
}
