namespace SessionStores;

/// <summary>Top-level members of a payload that carry facts about the session. A Node peer passes them through untouched.</summary>
public static class ReservedMembers
{
    /// <summary>The cookie of the session, as express-session stores it; every record has one.</summary>
    public const string Cookie = "cookie";

    /// <summary>The absolute limit: milliseconds since 1970 after which no slide extends the session.</summary>
    public const string Absolute = "__absolute";

    /// <summary>Since when the session has had its subject: milliseconds since 1970. Only sessions with a subject have it.</summary>
    public const string Created = "__created";

    /// <summary>When the subject was authenticated last: milliseconds since 1970.</summary>
    public const string Authenticated = "__authenticated";

    /// <summary>True in a session that got its id by a renewal: it has the owner that it had before, who was not authenticated anew. Whoever still has the
    /// former id may read it for a moment.</summary>
    public const string Renewed = "__renewed";

    /// <summary>What the application calls the session for its user, such as the device.</summary>
    public const string Label = "__label";

    /// <summary>What the session and the sign-in of one browser share, so that they are listed and ended together.</summary>
    public const string Device = "__device";

    /// <summary>The second key by which the session is found (<see cref="ISessionKeys"/>). A store adds it on writing and removes it on reading, and no payload may
    /// bring its own.</summary>
    public const string Key = "__key";

    /// <summary>The subject, in stores that have no other place for it. Such a store adds it on writing and removes it on reading, and
    /// no payload may bring its own.</summary>
    public const string Subject = "__subject";
}
