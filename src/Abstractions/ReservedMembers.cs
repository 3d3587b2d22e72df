namespace SessionStores;

/// <summary>Top-level members of a payload that carry facts about the session. A Node peer passes them through untouched.</summary>
public static class ReservedMembers
{
    /// <summary>The cookie of the session, as express-session stores it; every record has one.</summary>
    public const string Cookie = "cookie";

    /// <summary>The absolute limit: milliseconds since 1970 after which no slide extends the session.</summary>
    public const string Absolute = "__absolute";

    /// <summary>The subject, in stores that have no other place for it. Such a store adds it on writing and removes it on reading, and
    /// no payload may bring its own.</summary>
    public const string Subject = "__subject";
}
