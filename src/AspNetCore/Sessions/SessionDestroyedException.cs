namespace SessionStores.AspNetCore;

/// <summary>The session is gone: it was destroyed, it got a new id in another request, or has expired. Nothing was stored.</summary>
public sealed class SessionDestroyedException : Exception
{
    internal SessionDestroyedException()
        : base("The session was destroyed, got a new id in another request, or has expired. It cannot be changed or saved; the next request gets a new one.")
    {
    }
}
