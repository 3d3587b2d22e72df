namespace SessionStores.AspNetCore;

/// <summary>The cookie of one session. What is assigned here is stored with the session and sent to the browser again, as
/// far as the options allow: in later requests they are the upper bound.</summary>
public sealed partial class SessionCookie
{
    private readonly TimeProvider _clock;
    private CookieValues _values;
    private int _changed;

    private SessionCookie(TimeProvider clock, in CookieValues values)
    {
        _clock = clock;
        _values = values;
    }

    /// <summary>How long the session lives without a request, counted from its last one; null for a cookie that the browser keeps until
    /// it closes.</summary>
    public TimeSpan? OriginalMaxAge => _values.OriginalMaxAge is { } milliseconds ? Duration(milliseconds) : null;

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
            _changed |= CookieAttribute.OriginalMaxAge.Bit | CookieAttribute.Expires.Bit;
        }
    }

    /// <summary>The instant at which the cookie ends. Assigning it sets the session's idle time to what is left until then.</summary>
    public DateTimeOffset? Expires
    {
        get => _values.Expires;
        set
        {
            if (value == _values.Expires)
                return;

            Scope?.ThrowIfCookieCannotBeSent();
            SetMaxAge(value - _clock.GetUtcNow());
            _values.Expires = AssignedEnd = value;
            _changed |= CookieAttribute.OriginalMaxAge.Bit | CookieAttribute.Expires.Bit;
        }
    }

    /// <summary>The path of the cookie.</summary>
    /// <exception cref="ArgumentException">The path does not start with <c>/</c> or contains <c>;</c>, control or non-ASCII characters.</exception>
    public string? Path
    {
        get => _values.Path;
        set
        {
            if (!CookieRules.IsPath(value))
                throw new ArgumentException($"The path of a cookie must start with '/' and consist of printable ASCII without ';', but is '{value}'.", nameof(value));

            Assign(ref _values.Path, value, CookieAttribute.Path);
        }
    }

    /// <summary>The domain of the cookie, or null for this host only.</summary>
    /// <exception cref="ArgumentException">The domain is not a host name.</exception>
    public string? Domain
    {
        get => _values.Domain;
        set
        {
            if (value is not null && !CookieRules.IsDomain(value))
                throw new ArgumentException($"The domain of a cookie must be null or a host name such as example.com, but is '{value}'.", nameof(value));

            Assign(ref _values.Domain, value, CookieAttribute.Domain);
        }
    }

    /// <summary>Whether the cookie is hidden from scripts.</summary>
    public bool HttpOnly
    {
        get => _values.HttpOnly;
        set => Assign(ref _values.HttpOnly, value, CookieAttribute.HttpOnly);
    }

    /// <summary>Whether the cookie is sent only over HTTPS.</summary>
    public bool Secure
    {
        get => _values.Secure;
        set
        {
            Assign(ref _values.Secure, value, CookieAttribute.Secure);
            _values.StoresSecure |= (_changed & CookieAttribute.Secure.Bit) != 0;
        }
    }

    /// <summary>Whether the cookie is kept apart per top-level site.</summary>
    public bool Partitioned
    {
        get => _values.Partitioned;
        set => Assign(ref _values.Partitioned, value, CookieAttribute.Partitioned);
    }

    /// <summary>Whether requests from other sites have the cookie.</summary>
    /// <exception cref="ArgumentException">The value is <see cref="SessionSameSite.Auto"/>, which is for options only.</exception>
    public SessionSameSite SameSite
    {
        get => _values.SameSite;
        set
        {
            if (value is < SessionSameSite.Unset or >= SessionSameSite.Auto)
                throw new ArgumentException($"SameSite of a session's own cookie must be Unset, Strict, Lax or None, but is {value}.", nameof(value));

            Assign(ref _values.SameSite, value, CookieAttribute.SameSite);
        }
    }

    /// <summary>Which cookies a browser drops first if it has too many.</summary>
    public SessionCookiePriority Priority
    {
        get => _values.Priority;
        set => Assign(ref _values.Priority, value, CookieAttribute.Priority);
    }

    /// <summary>Where the session is used: it refuses changes that cannot be sent.</summary>
    internal SessionScope? Scope { get; set; }

    /// <summary>The instant at which the cookie ends, while it is assigned and not stored yet.</summary>
    internal DateTimeOffset? AssignedEnd { get; private set; }

    internal bool IsChanged => _changed != 0;

    /// <summary>Whether path and domain are valid in a header. Another writer may have stored anything.</summary>
    internal bool CanBeSent => (string.IsNullOrEmpty(Path) || CookieRules.IsPath(Path)) && (string.IsNullOrEmpty(Domain) || CookieRules.IsDomain(Domain));

    /// <summary>Creates the cookie of a new session.</summary>
    internal static SessionCookie Create(SessionCookieOptions options, bool isSecureRequest, TimeProvider clock)
    {
        var secure = options.IsSecureFor(isSecureRequest);
        var cookie = new SessionCookie(clock, new CookieValues
        {
            Path = options.Path,
            Domain = options.Domain,
            HttpOnly = options.HttpOnly,
            Secure = secure,
            Partitioned = options.Partitioned,
            Priority = options.Priority,
            SameSite = options.SameSite == SessionSameSite.Auto
                ? secure && isSecureRequest ? SessionSameSite.None : SessionSameSite.Lax
                : options.SameSite,
            // Auto stores its outcome even if that is false, as express-session does.
            StoresSecure = options.Secure != SessionCookieSecurity.Never,
        });
        cookie.SetMaxAge(options.MaxAge ?? (options.Expires is { } end ? end - clock.GetUtcNow() : null));
        if (options.MaxAge is null)
            cookie.AssignedEnd = options.Expires;

        return cookie;
    }

    /// <summary>Applies the options as the upper bound of what a record says: another writer may have stored anything. The record keeps its
    /// values, which may be right for a peer with other options.</summary>
    internal void Restrict(SessionCookieOptions options, TimeSpan longestIdle)
    {
        if (_values.OriginalMaxAge > longestIdle.TotalMilliseconds)
            _values.OriginalMaxAge = longestIdle.TotalMilliseconds;

        if (!string.IsNullOrEmpty(_values.Path) && !CookieRules.IsWithinPath(_values.Path, options.Path))
            _values.Path = options.Path;

        if (!string.IsNullOrEmpty(_values.Domain) && !CookieRules.IsWithinDomain(_values.Domain, options.Domain))
            _values.Domain = options.Domain;

        _values.HttpOnly |= options.HttpOnly;
        _values.Secure |= options.IsAlwaysSecure;
        _values.Partitioned |= options.Partitioned;
        if (Strictness(_values.SameSite) < Strictness(options.SameSite))
            _values.SameSite = options.SameSite;
    }

    /// <summary>Moves the instant at which the cookie ends: its idle time from now on, but not past the limit.</summary>
    internal void Touch(DateTimeOffset? limit)
    {
        // Most cookies have no instant: then the clock is not read.
        if (_values.OriginalMaxAge is not null)
            Touch(_clock.GetUtcNow(), limit);
    }

    /// <summary>The same at a given time.</summary>
    internal void Touch(DateTimeOffset now, DateTimeOffset? limit)
    {
        if (OriginalMaxAge is not { } idle)
            return;

        var expires = AssignedEnd ?? SessionExpiry.Add(now, idle);
        _values.Expires = limit < expires ? limit : expires;
    }

    /// <summary>Takes what another request has stored in the meantime for everything that was not assigned here.</summary>
    internal void Rebase(SessionCookie theirs)
    {
        foreach (var attribute in CookieAttribute.All)
        {
            if ((_changed & attribute.Bit) == 0)
                attribute.Merge(ref _values, theirs._values);
        }
    }

    /// <summary>Treats what was just stored as what was loaded.</summary>
    internal void Accept()
    {
        _changed = 0;
        AssignedEnd = null;
    }

    private static int Strictness(SessionSameSite sameSite) => sameSite switch
    {
        SessionSameSite.Strict => 3,
        SessionSameSite.Lax => 2,
        SessionSameSite.Unset => 1,
        _ => 0,
    };

    private static TimeSpan Duration(double milliseconds) => milliseconds switch
    {
        <= 0 => TimeSpan.Zero,
        >= 3e14 => TimeSpan.FromDays(3_000_000),
        _ => TimeSpan.FromMilliseconds(milliseconds),
    };

    private void SetMaxAge(TimeSpan? maxAge)
    {
        _values.OriginalMaxAge = maxAge is { } idle ? Math.Truncate(idle.TotalMilliseconds) : null;
        _values.Expires = AssignedEnd = null;
        if (maxAge is not null)
            Touch(null);
    }

    private void Assign<T>(ref T field, T value, CookieAttribute attribute)
    {
        if (EqualityComparer<T>.Default.Equals(field, value))
            return;

        Scope?.ThrowIfCookieCannotBeSent();
        field = value;
        _changed |= attribute.Bit;
    }
}
