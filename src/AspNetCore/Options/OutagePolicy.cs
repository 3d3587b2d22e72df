namespace SessionStores.AspNetCore;

/// <summary>What a request with a session gets while the store is unreachable.</summary>
/// <remarks>It covers <see cref="SessionStoreFault.Unavailable"/>, <see cref="SessionStoreFault.Timeout"/>,
/// <see cref="SessionStoreFault.ReadOnly"/> and <see cref="SessionStoreFault.Failed"/>; other faults are configuration mistakes and always
/// fail the request. A request without a session cookie makes no store call and is not affected. The policy covers loading, saving, and the calls
/// <see cref="HttpSession.SaveAsync"/>, <see cref="HttpSession.ReloadAsync"/> and <see cref="HttpSession.DestroyAsync"/> of a handler.
/// <see cref="SessionAccess"/> always throws.</remarks>
public enum OutagePolicy
{
    /// <summary>The request fails with the <see cref="SessionStoreException"/>.</summary>
    Fail,

    /// <summary>The response is 503 with <c>Retry-After</c> and no body. Headers that do not describe a body stay. An exception of
    /// <see cref="SessionAccess"/> that a handler lets pass becomes this response too.</summary>
    ServiceUnavailable503,

    /// <summary>The request continues without a session. Changes of a session that was loaded before the outage are lost, which is logged as an error. After a failure
    /// the request does not call the store again for <see cref="SessionStoresOptions.RetryAfter"/>.</summary>
    ContinueWithoutSession,
}
