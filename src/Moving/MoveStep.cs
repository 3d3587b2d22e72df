namespace SessionStores.Moving;

/// <summary>The result of moving one session.</summary>
internal enum MoveStep
{
    /// <summary>This call has put the session on the new side.</summary>
    Moved = 1,

    /// <summary>The session is on the new side, and this call has not put it there.</summary>
    AlreadyThere = 2,

    /// <summary>No live session has the id.</summary>
    Ended = 3,
}
