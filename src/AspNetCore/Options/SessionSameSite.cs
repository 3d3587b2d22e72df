namespace SessionStores.AspNetCore;

/// <summary>The <c>SameSite</c> attribute of a session cookie.</summary>
public enum SessionSameSite
{
    /// <summary>The attribute is omitted.</summary>
    Unset,

    /// <summary><c>SameSite=Strict</c>.</summary>
    Strict,

    /// <summary><c>SameSite=Lax</c>.</summary>
    Lax,

    /// <summary><c>SameSite=None</c>; browsers accept it only together with <c>Secure</c>.</summary>
    None,

    /// <summary><c>None</c> when the cookie is <c>Secure</c> and the request that creates the session is secure, otherwise <c>Lax</c>.
    /// For options only.</summary>
    Auto,
}
