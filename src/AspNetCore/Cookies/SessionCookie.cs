namespace SessionStores.AspNetCore;

/// <summary>The cookie of one session. What is assigned here is stored with the session and sent to the browser again.</summary>
public sealed partial class SessionCookie
{
    private readonly TimeProvider _clock;
    private Attributes _changed;
    private double? _originalMaxAge;
    private DateTimeOffset? _expires;
    private bool _hasNewMaxAge;
    private string? _path = "/";
    private string? _domain;
    private bool _httpOnly = true;
    private bool _secure;
    private bool _partitioned;
    private SessionSameSite _sameSite;
    private SessionCookiePriority _priority;

    private SessionCookie(TimeProvider clock) => _clock = clock;

    /// <summary>A cookie like one that was read: the same members, no instant.</summary>
    internal SessionCookie(TimeProvider clock, SessionCookie read)
        : this(clock)
    {
        _originalMaxAge = read._originalMaxAge;
        _path = read._path;
        _domain = read._domain;
        _httpOnly = read._httpOnly;
        _secure = read._secure;
        _partitioned = read._partitioned;
        _sameSite = read._sameSite;
        _priority = read._priority;
    }

    [Flags]
    private enum Attributes
    {
        None = 0,
        MaxAge = 1,
        Partitioned = 2,
        Priority = 4,
        Secure = 8,
        HttpOnly = 16,
        Domain = 32,
        Path = 64,
        SameSite = 128,
    }

    /// <summary>How long the session lives without a request, counted from its last one; null for a cookie that the browser keeps until
    /// it closes.</summary>
    public TimeSpan? OriginalMaxAge => _originalMaxAge is { } milliseconds ? Duration(milliseconds) : null;

    /// <summary>How long the cookie still lives. Assigning it sets the session's idle time; null makes it a cookie that the browser keeps
    /// until it closes.</summary>
    public TimeSpan? MaxAge
    {
        get => Expires - _clock.GetUtcNow();
        set
        {
            if (value == OriginalMaxAge)
                return;

            Scope?.ThrowIfCookieCannotBeSent();
            SetMaxAge(value);
            _changed |= Attributes.MaxAge;
        }
    }

    /// <summary>The instant at which the cookie ends. Assigning it sets the session's idle time to what is left until then.</summary>
    public DateTimeOffset? Expires
    {
        get => _expires;
        set
        {
            if (value == _expires)
                return;

            Scope?.ThrowIfCookieCannotBeSent();
            SetMaxAge(value - _clock.GetUtcNow());
            _expires = value;
            _changed |= Attributes.MaxAge;
        }
    }

    /// <summary>The path of the cookie.</summary>
    /// <exception cref="ArgumentException">The path does not start with <c>/</c> or holds <c>;</c>, control or non-ASCII characters.</exception>
    public string? Path
    {
        get => _path;
        set
        {
            if (!CookieRules.IsPath(value))
                throw new ArgumentException("The path of a cookie must start with '/' and hold printable ASCII without ';'.", nameof(value));

            Assign(ref _path, value, Attributes.Path);
        }
    }

    /// <summary>The domain of the cookie, or null for the host alone.</summary>
    /// <exception cref="ArgumentException">The domain is no host name.</exception>
    public string? Domain
    {
        get => _domain;
        set
        {
            if (value is not null && !CookieRules.IsDomain(value))
                throw new ArgumentException("The domain of a cookie must be a host name.", nameof(value));

            Assign(ref _domain, value, Attributes.Domain);
        }
    }

    /// <summary>Whether the cookie is hidden from scripts.</summary>
    public bool HttpOnly
    {
        get => _httpOnly;
        set => Assign(ref _httpOnly, value, Attributes.HttpOnly);
    }

    /// <summary>Whether the cookie is sent over HTTPS alone.</summary>
    public bool Secure
    {
        get => _secure;
        set => Assign(ref _secure, value, Attributes.Secure);
    }

    /// <summary>Whether the cookie is kept apart per top-level site.</summary>
    public bool Partitioned
    {
        get => _partitioned;
        set => Assign(ref _partitioned, value, Attributes.Partitioned);
    }

    /// <summary>Whether other sites' requests carry the cookie.</summary>
    /// <exception cref="ArgumentException">The value is <see cref="SessionSameSite.Auto"/>, which is for options.</exception>
    public SessionSameSite SameSite
    {
        get => _sameSite;
        set
        {
            if (value is < SessionSameSite.Unset or >= SessionSameSite.Auto)
                throw new ArgumentException("SameSite of a session's own cookie must be Unset, Strict, Lax or None.", nameof(value));

            Assign(ref _sameSite, value, Attributes.SameSite);
        }
    }

    /// <summary>Which cookies a browser drops first when it has too many.</summary>
    public SessionCookiePriority Priority
    {
        get => _priority;
        set => Assign(ref _priority, value, Attributes.Priority);
    }

    /// <summary>Where the session is used: it refuses changes that cannot be sent.</summary>
    internal SessionScope? Scope { get; set; }

    internal bool IsChanged => _changed != Attributes.None;

    /// <summary>Whether path and domain, which may have been stored by somebody else, can stand in a header.</summary>
    internal bool CanBeSent => (string.IsNullOrEmpty(_path) || CookieRules.IsPath(_path)) && (string.IsNullOrEmpty(_domain) || CookieRules.IsDomain(_domain));

    /// <summary>Makes the cookie of a new session.</summary>
    internal static SessionCookie Create(SessionCookieOptions options, bool isSecureRequest, TimeProvider clock)
    {
        var secure = options.Secure == SessionCookieSecurity.Always || (options.Secure == SessionCookieSecurity.Auto && isSecureRequest);
        var cookie = new SessionCookie(clock)
        {
            _path = options.Path,
            _domain = options.Domain,
            _httpOnly = options.HttpOnly,
            _secure = secure,
            _partitioned = options.Partitioned,
            _priority = options.Priority,
            _sameSite = options.SameSite == SessionSameSite.Auto
                ? secure && isSecureRequest ? SessionSameSite.None : SessionSameSite.Lax
                : options.SameSite,
            // Auto stores its outcome even when that is false, as express-session does.
            _storesSecure = options.Secure != SessionCookieSecurity.Never,
        };
        cookie.SetMaxAge(options.MaxAge ?? (options.Expires is { } expires ? expires - clock.GetUtcNow() : null));
        return cookie;
    }

    /// <summary>Moves the instant at which the cookie ends: its idle time from now on, but not past the limit.</summary>
    internal void Touch(DateTimeOffset now, DateTimeOffset? limit)
    {
        if (OriginalMaxAge is not { } idle)
            return;

        var expires = SessionExpiry.Add(now, idle);
        _expires = limit < expires ? limit : expires;
    }

    /// <summary>Takes what another request stored meanwhile for everything that was not assigned here.</summary>
    internal void Rebase(SessionCookie theirs)
    {
        if (!_changed.HasFlag(Attributes.MaxAge))
            (_originalMaxAge, _expires, _hasNewMaxAge) = (theirs._originalMaxAge, theirs._expires, theirs._hasNewMaxAge);

        _partitioned = Merge(Attributes.Partitioned, _partitioned, theirs._partitioned);
        _priority = Merge(Attributes.Priority, _priority, theirs._priority);
        _secure = Merge(Attributes.Secure, _secure, theirs._secure);
        _httpOnly = Merge(Attributes.HttpOnly, _httpOnly, theirs._httpOnly);
        _domain = Merge(Attributes.Domain, _domain, theirs._domain);
        _path = Merge(Attributes.Path, _path, theirs._path);
        _sameSite = Merge(Attributes.SameSite, _sameSite, theirs._sameSite);
    }

    /// <summary>Takes what was just stored as what was loaded.</summary>
    internal void Accept()
    {
        _changed = Attributes.None;
        _hasNewMaxAge = false;
    }

    private static TimeSpan Duration(double milliseconds) => milliseconds switch
    {
        <= 0 => TimeSpan.Zero,
        >= 3e14 => TimeSpan.FromDays(3_000_000),
        _ => TimeSpan.FromMilliseconds(milliseconds),
    };

    private void SetMaxAge(TimeSpan? maxAge)
    {
        _originalMaxAge = maxAge is { } idle ? Math.Truncate(idle.TotalMilliseconds) : null;
        _expires = null;
        _hasNewMaxAge = true;
        if (maxAge is not null)
            Touch(_clock.GetUtcNow(), null);
    }

    private T Merge<T>(Attributes attribute, T ours, T theirs) => _changed.HasFlag(attribute) ? ours : theirs;

    private void Assign<T>(ref T field, T value, Attributes attribute)
    {
        if (EqualityComparer<T>.Default.Equals(field, value))
            return;

        Scope?.ThrowIfCookieCannotBeSent();
        field = value;
        _changed |= attribute;
    }
}
