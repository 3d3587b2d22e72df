namespace SessionStores.AspNetCore;

/// <summary>How an endpoint uses the session.</summary>
public enum SessionMode
{
    /// <summary>Not at all: no session, no store call.</summary>
    None,

    /// <summary>It only reads: changes throw, nothing is saved.</summary>
    ReadOnly,

    /// <summary>It reads and changes. The default.</summary>
    ReadWrite,
}
