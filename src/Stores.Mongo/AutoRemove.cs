namespace SessionStores.Mongo;

/// <summary>Who removes expired documents. They are invisible from the instant they expire, whoever does it.</summary>
public enum AutoRemove
{
    /// <summary>The server, through the TTL index <c>expires_1</c>, which the store makes.</summary>
    Native = 0,

    /// <summary>This store, at an interval. It makes no index on <c>expires</c>, so each run reads the collection unless there is one.</summary>
    Interval = 1,

    /// <summary>Somebody else, through <see cref="ISessionPruning.PruneAsync"/> or an index of their own.</summary>
    Disabled = 2,
}
