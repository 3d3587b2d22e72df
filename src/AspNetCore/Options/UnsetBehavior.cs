namespace SessionStores.AspNetCore;

/// <summary>What happens to the stored session when a request unsets its session.</summary>
public enum UnsetBehavior
{
    /// <summary>The stored session is destroyed and its cookie is cleared.</summary>
    Destroy,

    /// <summary>The stored session is kept unchanged; the changes of the request are discarded.</summary>
    Keep,
}
