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
}
