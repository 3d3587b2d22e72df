namespace SessionStores.AspNetCore;

/// <summary>What an endpoint wants of the session.</summary>
public enum SessionMode
{
    /// <summary>Nothing: no session, no store call.</summary>
    None,

    /// <summary>To read it: changes throw, nothing is saved.</summary>
    ReadOnly,

    /// <summary>To read and change it. The default.</summary>
    ReadWrite,
}
