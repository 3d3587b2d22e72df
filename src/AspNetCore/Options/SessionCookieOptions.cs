namespace SessionStores.AspNetCore;

/// <summary>The cookie that new sessions get. An existing session keeps the attributes with which it was stored, as far as they are not wider
/// than these: a shorter path, another domain, or a missing HttpOnly, Secure or SameSite in a record has no effect.</summary>
public sealed partial class SessionCookieOptions
{
    /// <summary>The path of the cookie. Requests outside of it have no session.</summary>
    /// <value>Default <c>/</c>. Starts with <c>/</c>, without <c>;</c> or control characters.</value>
    public string Path { get; set; } = "/";

    /// <summary>The domain of the cookie, or null for this host only.</summary>
    public string? Domain { get; set; }

    /// <summary>How long a session lives without a request, and how long the browser keeps its cookie.</summary>
    /// <value>Default null: the browser keeps the cookie until it closes, and the session lives for
    /// <see cref="SessionStoresOptions.IdleTimeout"/>. Longer than zero.</value>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>The instant until which a new session lives. The time that is left when a session is created becomes its
    /// <see cref="MaxAge"/> and slides from then on, as in express-session. Cannot be combined with <see cref="MaxAge"/>.</summary>
    public DateTimeOffset? Expires { get; set; }

    /// <summary>Whether the cookie is hidden from scripts.</summary>
    /// <value>Default true.</value>
    public bool HttpOnly { get; set; } = true;

    /// <summary>Whether the cookie is sent only over HTTPS.</summary>
    /// <value>Default <see cref="SessionCookieSecurity.ExceptLocalDevelopment"/>. A site that is served over plain HTTP too sets
    /// <see cref="SessionCookieSecurity.Auto"/>. The default of express-session is <see cref="SessionCookieSecurity.Never"/>.</value>
    public SessionCookieSecurity Secure { get; set; } = SessionCookieSecurity.ExceptLocalDevelopment;

    /// <summary>Whether other sites' requests carry the cookie.</summary>
    /// <value>Default <see cref="SessionSameSite.Lax"/>. The default of express-session is <see cref="SessionSameSite.Unset"/>, which most browsers treat
    /// as Lax.</value>
    public SessionSameSite SameSite { get; set; } = SessionSameSite.Lax;

    /// <summary>Whether the cookie is sent even if the user has not consented to cookies (<c>CookiePolicyOptions.CheckConsentNeeded</c>). Without
    /// consent a session is otherwise not stored either, since no request could use it.</summary>
    /// <value>Default false, as in ASP.NET Core's session.</value>
    public bool IsEssential { get; set; }

    /// <summary>Whether the cookie is kept apart per top-level site. Needs <see cref="Secure"/>.</summary>
    /// <value>Default false.</value>
    public bool Partitioned { get; set; }

    /// <summary>Which cookies a browser drops first when it has too many.</summary>
    /// <value>Default <see cref="SessionCookiePriority.Unset"/>.</value>
    public SessionCookiePriority Priority { get; set; }
}
