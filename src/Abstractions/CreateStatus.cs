namespace SessionStores;

/// <summary>What became of <see cref="ISessionStore.CreateAsync"/>.</summary>
public enum CreateStatus
{
    /// <summary>The id was free, and the session is stored.</summary>
    Created = 1,

    /// <summary>A live session has this id; it stays as it was.</summary>
    Taken = 2,
}
