namespace SessionStores;

/// <summary>What became of <see cref="ISessionStore.ReplaceAsync"/>.</summary>
public enum ReplaceStatus
{
    /// <summary>The session was still what the caller loaded, and the new content is stored.</summary>
    Replaced = 1,

    /// <summary>Somebody else wrote the session meanwhile; it stays as they wrote it.</summary>
    Conflict = 2,

    /// <summary>The session was destroyed, rotated or has expired; nothing is stored.</summary>
    Gone = 3,
}
