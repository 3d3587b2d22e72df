namespace SessionStores.Protection;

/// <summary>Why a stored record is no session.</summary>
internal enum Refusal
{
    /// <summary>It is one.</summary>
    None,

    /// <summary>It was stored without protection, and the migration window is closed.</summary>
    Unprotected,

    /// <summary>It is not in the format of a protected record.</summary>
    Malformed,

    /// <summary>It was protected with a key that is not among the keys: one of another application, or one that was removed.</summary>
    UnknownKey,

    /// <summary>Its content is not what was sealed.</summary>
    Altered,

    /// <summary>It is a genuine record of another session, copied under this id.</summary>
    OtherSession,

    /// <summary>It is a genuine record whose subject was changed.</summary>
    OtherSubject,

    /// <summary>The store itself cannot read it.</summary>
    Unreadable,
}
