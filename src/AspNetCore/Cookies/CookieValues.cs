namespace SessionStores.AspNetCore;

/// <summary>The values of a session cookie. A new one has the defaults of express-session.</summary>
internal struct CookieValues()
{
    /// <summary>The idle time in milliseconds; null for a cookie that the browser keeps until it closes.</summary>
    public double? OriginalMaxAge;

    public DateTimeOffset? Expires;

    public string? Path = "/";

    public string? Domain;

    public bool HttpOnly = true;

    public bool Secure;

    /// <summary>Whether <see cref="Secure"/> is written to the record even if it is false, as express-session does after <c>auto</c>.</summary>
    public bool StoresSecure;

    public bool Partitioned;

    public SessionSameSite SameSite;

    public SessionCookiePriority Priority;
}
