namespace SessionStores.AspNetCore;

/// <summary>Why a request has this session, or has none.</summary>
public enum SessionLoadResult
{
    /// <summary>The middleware has not run for this request: no session.</summary>
    NotRun,

    /// <summary>The session was loaded.</summary>
    Loaded,

    /// <summary>The request has no session cookie: a new session.</summary>
    NoCookie,

    /// <summary>The cookie is not signed with one of the secrets: a new session. The store was not called.</summary>
    BadSignature,

    /// <summary>The cookie is valid, but its session does not exist: destroyed, expired or past its absolute limit. A new session.</summary>
    NotFound,

    /// <summary>The stored record cannot be read: a new session. The record is not changed.</summary>
    Unreadable,

    /// <summary>The session was loaded, and another request destroyed it before this one could save: the changes of this request are not
    /// stored.</summary>
    DestroyedMeanwhile,

    /// <summary>The store cannot be reached: no session; or it could not be reached later, so that changes of the session are not stored.</summary>
    StoreUnavailable,

    /// <summary>The endpoint uses no session. The store was not called.</summary>
    OptedOut,

    /// <summary>The request is outside of the cookie's path: no session. The store was not called.</summary>
    PathMismatch,

    /// <summary>The cookie has an id that another request of the browser has replaced less than <see cref="SessionStoresOptions.RotationGrace"/> ago, so
    /// that this request was probably under way. The session can be read if it only got a new id, for the same owner; otherwise it is empty. It cannot be
    /// changed (<see cref="SessionRotatedException"/>), and the cookie of the browser is not touched.</summary>
    Rotated,
}
