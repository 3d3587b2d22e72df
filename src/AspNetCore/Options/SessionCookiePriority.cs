namespace SessionStores.AspNetCore;

/// <summary>The <c>Priority</c> attribute of a session cookie.</summary>
public enum SessionCookiePriority
{
    /// <summary>The attribute is omitted.</summary>
    Unset,

    /// <summary><c>Priority=Low</c>.</summary>
    Low,

    /// <summary><c>Priority=Medium</c>.</summary>
    Medium,

    /// <summary><c>Priority=High</c>.</summary>
    High,
}
