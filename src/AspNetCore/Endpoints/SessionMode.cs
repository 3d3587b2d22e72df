namespace SessionStores.AspNetCore;

/// <summary>How an endpoint uses the session.</summary>
public enum SessionMode
{
    /// <summary>Not at all: no session, no store call.</summary>
    None,

    /// <summary>It only looks: as <see cref="ReadOnly"/>, and the request does not count as use. The session is not extended, its cookie is not sent again, and a sign-in of
    /// <c>AddSessionTickets</c> is not renewed. For what a page asks by itself, such as how long the session still lives (<see cref="HttpSession.Remaining"/>).</summary>
    Peek,

    /// <summary>It only reads: changes throw, nothing is saved. The request counts as use of the session.</summary>
    ReadOnly,

    /// <summary>It reads and changes. The default.</summary>
    ReadWrite,
}
