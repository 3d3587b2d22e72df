namespace SessionStores.AspNetCore;

/// <summary>The request came with an id that another request has just replaced, so its session can be read but not changed
/// (<see cref="SessionLoadResult.Rotated"/>). Nothing was stored. The browser has the new cookie when it repeats the request.</summary>
public sealed class SessionRotatedException : Exception
{
    internal SessionRotatedException()
        : base("The session got a new id in another request while this one was under way. It can be read, but not changed with the old id. Repeat the request, which has the new cookie then; to sign in, call RegenerateAsync first, which begins another session.")
    {
    }
}
