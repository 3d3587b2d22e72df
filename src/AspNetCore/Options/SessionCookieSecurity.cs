namespace SessionStores.AspNetCore;

/// <summary>Whether session cookies have the attribute <c>Secure</c>.</summary>
public enum SessionCookieSecurity
{
    /// <summary>They never do.</summary>
    Never,

    /// <summary>They always do. A request that is not secure then gets no cookie, and a new session is not stored for it.</summary>
    Always,

    /// <summary>They do when the request that creates the session is secure.</summary>
    Auto,

    /// <summary>They always do, as with <see cref="Always"/>. Only in Development a request over plain HTTP to this machine (<c>localhost</c>, or a
    /// loopback address, in its Host header) gets a cookie without, which is logged once. This exception does not apply to a cookie that browsers accept
    /// only with <c>Secure</c>: one with <see cref="SessionSameSite.None"/>, or a partitioned one.</summary>
    ExceptLocalDevelopment,
}
