namespace SessionStores.AspNetCore;

/// <summary>Who ended a session.</summary>
public enum SessionEndReason
{
    /// <summary>A request with this session, such as a log-out.</summary>
    Request = 0,

    /// <summary>The application through <see cref="SessionAccess"/>, such as an operator, or the user on another device.</summary>
    Access = 1,

    /// <summary>The browser signed in again, which ends the sign-in that it had.</summary>
    SignIn = 2,

    /// <summary>A log-in of the same user, who had as many sessions as <see cref="SessionStoresOptions.SessionsPerSubject"/> allows.</summary>
    Cap = 3,
}
