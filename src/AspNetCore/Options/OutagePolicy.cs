namespace SessionStores.AspNetCore;

/// <summary>What a request with a session gets while the store is unreachable.</summary>
/// <remarks>It covers <see cref="SessionStoreFault.Unavailable"/>, <see cref="SessionStoreFault.Timeout"/>,
/// <see cref="SessionStoreFault.ReadOnly"/> and <see cref="SessionStoreFault.Failed"/>; other faults are configuration mistakes and always
/// fail the request. A request without a session cookie makes no store call and is not affected.</remarks>
public enum OutagePolicy
{
    /// <summary>The request fails with the <see cref="SessionStoreException"/>.</summary>
    Fail,

    /// <summary>The response is 503 with <c>Retry-After</c> and no body.</summary>
    ServiceUnavailable503,

    /// <summary>The request continues without a session. Changes of a session that was loaded before the outage are lost, which is logged as an error.</summary>
    ContinueWithoutSession,
}
