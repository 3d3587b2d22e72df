namespace SessionStores;

/// <summary>Why a store could not do what it was asked.</summary>
public enum SessionStoreFault
{
    /// <summary>The server cannot be reached or dropped the connection. A write may or may not have been done.</summary>
    Unavailable = 1,

    /// <summary>The server did not reply within the configured time. A write may or may not have been done.</summary>
    Timeout = 2,

    /// <summary>The server replies but takes no writes: a replica, a primary that stepped down, a full disk or memory.</summary>
    ReadOnly = 3,

    /// <summary>The server refuses us: wrong credentials or missing rights.</summary>
    Refused = 4,

    /// <summary>The stored record is not one that this store can read. It is left as it is.</summary>
    Unreadable = 5,

    /// <summary>What the store needs is missing or has another shape, such as a table without a column.</summary>
    Misconfigured = 6,

    /// <summary>The server replied with an error that none of the others describes.</summary>
    Failed = 7,
}
