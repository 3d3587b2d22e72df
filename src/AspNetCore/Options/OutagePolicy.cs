namespace SessionStores.AspNetCore;

/// <summary>What a request with a session gets while the store cannot be reached.</summary>
/// <remarks>It covers <see cref="SessionStoreFault.Unavailable"/>, <see cref="SessionStoreFault.Timeout"/>,
/// <see cref="SessionStoreFault.ReadOnly"/> and <see cref="SessionStoreFault.Failed"/>; other faults are mistakes in the set-up and always
/// fail the request. A request without a session cookie makes no store call and notices nothing.</remarks>
public enum OutagePolicy
{
    /// <summary>The request fails with the <see cref="SessionStoreException"/>.</summary>
    Fail,

    /// <summary>The request is answered 503 with <c>Retry-After</c> and without a body.</summary>
    ServiceUnavailable503,

    /// <summary>The request goes on without a session; what it changes in a session loaded earlier is lost, which is logged as an error.</summary>
    ContinueWithoutSession,
}
