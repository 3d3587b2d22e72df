namespace SessionStores;

/// <summary>The outcome of a create, a replace or a rotation. Each operation documents which of these it returns.</summary>
public enum SessionWriteStatus
{
    /// <summary>The session is stored with the new content, in a rotation under the new id only.</summary>
    Written = 1,

    /// <summary>Another writer changed the session since the caller loaded it; the stored session stays as that writer left it.</summary>
    Conflict = 2,

    /// <summary>The session was destroyed, rotated or has expired; nothing was written.</summary>
    Gone = 3,

    /// <summary>A live session has the id, in a rotation the new id; it stays as it was.</summary>
    Taken = 4,

    /// <summary>The subject has as many sessions as the caller allows (<see cref="ISessionCaps"/>); nothing was written.</summary>
    Full = 5,
}
