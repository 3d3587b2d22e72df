namespace SessionStores.AspNetCore;

/// <summary>What becomes of the stored session when a request unsets its session.</summary>
public enum UnsetBehavior
{
    /// <summary>The stored session is destroyed and its cookie is cleared.</summary>
    Destroy,

    /// <summary>The stored session stays as it was; what the request changed is dropped.</summary>
    Keep,
}
