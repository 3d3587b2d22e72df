namespace SessionStores.Mongo;

/// <summary>Who removes expired documents. They are invisible from the instant they expire, whoever removes them.</summary>
public enum AutoRemove
{
    /// <summary>The server, through the TTL indexes <c>expires_1</c> and <c>moved.until_1</c>, which the store creates.</summary>
    Native = 0,

    /// <summary>The host, which calls <see cref="ISessionPruning.PruneAsync"/> at its prune interval. The store creates no index on
    /// <c>expires</c>, so each run reads the whole collection unless there is one.</summary>
    Interval = 1,

    /// <summary>Another system, through an index or a job of its own. The host does not prune. The links that rotations leave are still
    /// removed by the server, through the TTL index <c>moved.until_1</c>.</summary>
    Disabled = 2,
}
