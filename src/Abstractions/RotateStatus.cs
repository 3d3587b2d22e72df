namespace SessionStores;

/// <summary>What became of <see cref="ISessionStore.RotateAsync"/>.</summary>
public enum RotateStatus
{
    /// <summary>The session lives under the new id with the new content; the old id is gone.</summary>
    Rotated = 1,

    /// <summary>Somebody else wrote the session meanwhile; it stays under the old id as they wrote it.</summary>
    Conflict = 2,

    /// <summary>The session was destroyed, rotated or has expired; nothing is stored.</summary>
    Gone = 3,

    /// <summary>A live session has the new id; both stay as they were.</summary>
    Taken = 4,
}
