namespace SessionStores.AspNetCore;

/// <summary>Why a request has the session it has, or has none.</summary>
public enum SessionLoadResult
{
    /// <summary>The middleware has not run for this request: no session.</summary>
    NotRun,

    /// <summary>The session was loaded.</summary>
    Loaded,

    /// <summary>The request has no session cookie: a new session.</summary>
    NoCookie,

    /// <summary>The cookie is not one that was signed with one of the secrets: a new session. The store was not asked.</summary>
    BadSignature,

    /// <summary>The cookie is genuine, but its session is not there: destroyed, expired or past its absolute limit. A new session.</summary>
    NotFound,

    /// <summary>The stored record cannot be read: a new session. The record stays as it is.</summary>
    Unreadable,

    /// <summary>The session was loaded, and another request destroyed it before this one could save: what this request changed is not
    /// stored.</summary>
    DestroyedMeanwhile,

    /// <summary>The store cannot be reached: no session.</summary>
    StoreUnavailable,

    /// <summary>The endpoint wants no session: none. The store was not asked.</summary>
    OptedOut,

    /// <summary>The request is outside of the cookie's path: no session. The store was not asked.</summary>
    PathMismatch,
}
