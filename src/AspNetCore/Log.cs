using Microsoft.Extensions.Logging;

namespace SessionStores.AspNetCore;

/// <summary>The messages of this package: event ids 5000 to 5099. None contains an id, a value or a cookie.</summary>
internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Warning, "A stored session cannot be read. The request continues with a new session, and the record is not changed.", EventName = "SessionUnreadable")]
    public static partial void SessionUnreadable(ILogger logger, Exception exception);

    [LoggerMessage(5001, LogLevel.Warning, "The session cookie is Secure, but the request is not: the session is not stored and no cookie is sent. Use HTTPS. Behind a proxy that ends TLS, tell the application (forwarded headers, or SessionStoresOptions.Proxy). For a site on plain HTTP, set SessionStoresOptions.Cookie.Secure to Auto.", EventName = "InsecureRequest")]
    public static partial void InsecureRequest(ILogger logger);

    [LoggerMessage(5021, LogLevel.Information, "In Development, requests over plain HTTP to this machine get a session cookie without Secure. All others need HTTPS, as long as SessionStoresOptions.Cookie.Secure is ExceptLocalDevelopment, its default. This is logged once.", EventName = "InsecureInLocalDevelopment")]
    public static partial void InsecureInLocalDevelopment(ILogger logger);

    [LoggerMessage(5002, LogLevel.Information, "A session was destroyed while a request was changing it. It stays destroyed, and the changes are discarded.", EventName = "ResurrectionBlocked")]
    public static partial void ResurrectionBlocked(ILogger logger);

    [LoggerMessage(5003, LogLevel.Error, "The session store failed while loading; the outage policy {Policy} applies.", EventName = "LoadOutage")]
    public static partial void LoadOutage(ILogger logger, OutagePolicy policy, Exception exception);

    [LoggerMessage(5004, LogLevel.Error, "The session store failed while saving; the outage policy {Policy} applies, and the changes of this request are not stored.", EventName = "SaveOutage")]
    public static partial void SaveOutage(ILogger logger, OutagePolicy policy, Exception exception);

    [LoggerMessage(5070, LogLevel.Error, "The session store failed while ending a session; the outage policy {Policy} applies. The cookie of the browser is cleared, and the stored session may live until it expires.", EventName = "DestroyOutage")]
    public static partial void DestroyOutage(ILogger logger, OutagePolicy policy, Exception exception);

    [LoggerMessage(5005, LogLevel.Warning, "The stored path or domain of a session's cookie is invalid in a header; the cookie is not sent.", EventName = "CookieNotSendable")]
    public static partial void CookieNotSendable(ILogger logger);

    [LoggerMessage(5006, LogLevel.Debug, "A save is merged with a change of another request (attempt {Attempt}).", EventName = "Merging")]
    public static partial void Merging(ILogger logger, int attempt);

    [LoggerMessage(5007, LogLevel.Warning, "Sessions are kept in the memory of this process: they end with it, and other processes do not see them. Choose a store with UseRedis, UsePostgres or UseMongo, or call UseMemory.", EventName = "MemoryInProduction")]
    public static partial void MemoryInProduction(ILogger logger);

    [LoggerMessage(5008, LogLevel.Warning, "A stored session cannot be read. It was skipped in a list.", EventName = "ListedSessionUnreadable")]
    public static partial void ListedSessionUnreadable(ILogger logger);

    [LoggerMessage(5009, LogLevel.Warning, "The cookie policy of the application suppresses the session cookie because the user has not consented: the session is not stored and no cookie is sent. Ask for consent, or set SessionStoresOptions.Cookie.IsEssential.", EventName = "ConsentMissing")]
    public static partial void ConsentMissing(ILogger logger);

    [LoggerMessage(5015, LogLevel.Warning, "UseRouting is called after UseSessionStores, so the mode of an endpoint is not known when its session is loaded: endpoints with SessionMode.None cause a store call too. Call UseRouting first.", EventName = "RoutingIsLater")]
    public static partial void RoutingIsLater(ILogger logger);

    [LoggerMessage(5016, LogLevel.Warning, "UseSession is in the pipeline beside UseSessionStores, and HttpContext.Session is that of the one that is called later. Remove UseSession and AddSession, or set SessionStoresOptions.ServeHttpContextSession to false.", EventName = "TwoSessions")]
    public static partial void TwoSessions(ILogger logger);

    [LoggerMessage(5017, LogLevel.Warning, "The sets of sessions '{One}' and '{Other}' have a secret in common and are both signed as express-session does: if they also share a store and its keys, a cookie of one is valid in the other. Give each set its own secrets.", EventName = "SharedSecret")]
    public static partial void SharedSecret(ILogger logger, string one, string other);

    [LoggerMessage(5018, LogLevel.Warning, "{Call} is called twice on one path of the pipeline. The second call has no effect; remove it.", EventName = "MountedTwice")]
    public static partial void MountedTwice(ILogger logger, string call);

    [LoggerMessage(5019, LogLevel.Warning, "AddSessionStores is called, but {Call} is not, so no request has a session. Call app.{Call} before authentication and the endpoints. Only an application that uses nothing but SessionAccess needs no call.", EventName = "NotMounted")]
    public static partial void NotMounted(ILogger logger, string call);

    [LoggerMessage(5020, LogLevel.Warning, "The sets of sessions '{One}' and '{Other}' keep their sessions in one place ({Place}): what lists, counts, clears or ends those of one set does so with those of the other. Give one of them another KeyPrefix, table, collection or database.", EventName = "SharedKeySpace")]
    public static partial void SharedKeySpace(ILogger logger, string one, string other, string place);

    [LoggerMessage(5010, LogLevel.Warning, "A change through HttpContext.Session was discarded: the request has no session ({Result}).", EventName = "BridgedChangeDropped")]
    public static partial void BridgedChangeDropped(ILogger logger, SessionLoadResult result);

    [LoggerMessage(5011, LogLevel.Warning, "A stored sign-in cannot be read with the application's keys. The request is not signed in, and the record is not changed. The nodes of an application must share their Data Protection keys.", EventName = "TicketUnreadable")]
    public static partial void TicketUnreadable(ILogger logger, Exception? exception);

    [LoggerMessage(5012, LogLevel.Information, "A sign-in that was to be renewed has ended in the meantime. It is not renewed.", EventName = "TicketGone")]
    public static partial void TicketGone(ILogger logger);

    [LoggerMessage(5013, LogLevel.Debug, "Pruning removed {Removed} expired records.", EventName = "Pruned")]
    public static partial void Pruned(ILogger logger, long removed);

    [LoggerMessage(5014, LogLevel.Warning, "The housekeeping of the session store failed; it is retried at the next interval.", EventName = "HousekeepingFailed")]
    public static partial void HousekeepingFailed(ILogger logger, Exception exception);

    [LoggerMessage(5022, LogLevel.Error, "{Handler} has not taken an event of the kind {Kind}. {Problem}", EventName = "EventNotTaken")]
    public static partial void EventNotTaken(ILogger logger, string handler, SessionEventKind kind, string problem, Exception exception);

    [LoggerMessage(5023, LogLevel.Error, "An expired session was delivered {Times} times, and no time was taken by all handlers of ISessionEvents. It is given up.", EventName = "EventGivenUp")]
    public static partial void EventGivenUp(ILogger logger, int times);

    [LoggerMessage(5024, LogLevel.Warning, "A handler of ISessionEvents is registered, but {Store} does not report expired sessions: it offers no ISessionExpirations. The other events are delivered.", EventName = "ExpiriesNotReported")]
    public static partial void ExpiriesNotReported(ILogger logger, string store);

    [LoggerMessage(5025, LogLevel.Error, "A log-in may have ended the oldest sessions of its user, but the store could not list those that are left. No event tells which have ended.", EventName = "CapNotReported")]
    public static partial void CapNotReported(ILogger logger, Exception exception);

    [LoggerMessage(5060, LogLevel.Warning, "A sign-in has no owner, so that it cannot be ended by user: its principal has neither the claim NameIdentifier nor sub. Set SessionTicketOptions.Subject. This is logged once.", EventName = "TicketWithoutSubject")]
    public static partial void TicketWithoutSubject(ILogger logger);

    [LoggerMessage(5065, LogLevel.Warning, "The sign-in cookie is Secure, but the request is not: browsers do not keep it. Use HTTPS. Behind a proxy that ends TLS, tell the application (forwarded headers, or SessionStoresOptions.Proxy). For a site on plain HTTP, set SessionStoresOptions.Cookie.Secure to Auto.", EventName = "InsecureSignIn")]
    public static partial void InsecureSignIn(ILogger logger);

    [LoggerMessage(5061, LogLevel.Information, "No session secret is configured. One was created for Development and is kept in {File}. Outside of Development set the configuration value SessionSecret to the output of: openssl rand -base64 32", EventName = "DevelopmentSecretCreated")]
    public static partial void DevelopmentSecretCreated(ILogger logger, string file);

    [LoggerMessage(5062, LogLevel.Warning, "No session secret is configured. One was created for Development, but {File} cannot be used ({Reason}): sessions end when the application stops. Set the configuration value SessionSecret.", EventName = "DevelopmentSecretNotKept")]
    public static partial void DevelopmentSecretNotKept(ILogger logger, string file, string reason);

    [LoggerMessage(5063, LogLevel.Error, "The session store does not work: {Problem} Requests with a session fail until it does.", EventName = "StoreDownAtStart")]
    public static partial void StoreDownAtStart(ILogger logger, string problem);

    [LoggerMessage(5064, LogLevel.Warning, "The record of a sign-in cannot be read. The request is not signed in, and the record stays until its browser signs in or out.", EventName = "TicketRecordUnreadable")]
    public static partial void TicketRecordUnreadable(ILogger logger, Exception exception);

    [LoggerMessage(5030, LogLevel.Warning, "The cookie of a session of ASP.NET Core cannot be read with the keys of this application, so that its session is not moved. If this concerns more than forged cookies, the Data Protection keys or the application name have changed; use those from before.", EventName = "FrameworkCookieUnreadable")]
    public static partial void FrameworkCookieUnreadable(ILogger logger);

    [LoggerMessage(5031, LogLevel.Warning, "A session of ASP.NET Core was moved, but its record could not be removed from the distributed cache. It is not used again, and stays until it expires.", EventName = "FrameworkRecordLeft")]
    public static partial void FrameworkRecordLeft(ILogger logger, Exception exception);

    [LoggerMessage(5032, LogLevel.Warning, "A sign-in was moved, but the store that kept it before could not remove it. It is not used again there.", EventName = "FormerTicketLeft")]
    public static partial void FormerTicketLeft(ILogger logger, Exception exception);

    [LoggerMessage(5066, LogLevel.Information, "The session store works now.", EventName = "StoreWorks")]
    public static partial void StoreWorks(ILogger logger);

    [LoggerMessage(5067, LogLevel.Warning, "A session that its browser brought was given a subject and has kept its id. Who knew the id before the log-in, such as from a cookie that was planted, is logged in too (session fixation). Call HttpSession.RegenerateAsync in the request that logs in.", EventName = "SignInWithoutNewId")]
    public static partial void SignInWithoutNewId(ILogger logger);

    [LoggerMessage(5068, LogLevel.Information, "{Call} is not called: the set of sessions keeps sign-ins, and no request has a session. An application that uses HttpSession or HttpContext.Session needs the call before authentication and the endpoints.", EventName = "OnlySignIns")]
    public static partial void OnlySignIns(ILogger logger, string call);

    [LoggerMessage(5040, LogLevel.Warning, "A request came with a session id that was replaced more than {Grace} before (SessionStoresOptions.RotationGrace). Its cookie may have been stolen, or its browser has missed the new one. The request has no session.", EventName = "IdReused")]
    public static partial void IdReused(ILogger logger, TimeSpan grace);
}
