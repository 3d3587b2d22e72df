using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <summary>How sessions work. The names are those of express-session; the defaults are those planned for its next major version.</summary>
/// <remarks>Validated when the application starts; every problem is reported at once.</remarks>
public sealed partial class SessionStoresOptions
{
    private const string HostPrefix = "__Host-";

    /// <summary>The secrets, each 32 random bytes or more, such as the output of <c>openssl rand -base64 32</c>. The first signs, all verify.</summary>
    /// <value>Default empty: those of the configuration value <c>SessionSecret</c>. Without that one too, the application does not start, except in
    /// Development, where one is created and kept in the profile of the user.</value>
    public IList<SessionSecret> Secrets { get; set; } = [];

    /// <summary>Whether secrets that can be guessed are accepted outside of Development: those of less than 32 bytes, and placeholders. For an
    /// application that shares the secret of an Express application which cannot change it.</summary>
    /// <value>Default false.</value>
    public bool AllowWeakSecrets { get; set; }

    /// <summary>The name of the cookie.</summary>
    /// <value>Default <c>connect.sid</c>. A token of RFC 7230: letters, digits and <c>!#$%&amp;'*+-.^_`|~</c>.</value>
    public string Name { get; set; } = "connect.sid";

    /// <summary>Creates the id of a new session; null for 24 random bytes in base64url.</summary>
    /// <value>Default null. Ids must be 1 to 256 characters without control characters, and impossible to guess.</value>
    public Func<HttpContext, string>? GenerateId { get; set; }

    /// <summary>Whether an existing session is written on every request, even unchanged.</summary>
    /// <value>Default false.</value>
    public bool Resave { get; set; }

    /// <summary>Whether a new session is stored and gets a cookie even if it is empty.</summary>
    /// <value>Default false.</value>
    public bool SaveUninitialized { get; set; }

    /// <summary>Whether the cookie of an existing session is sent again with every response.</summary>
    /// <value>Default false.</value>
    public bool Rolling { get; set; }

    /// <summary>Whether the stored session is destroyed when a request unsets its session.</summary>
    /// <value>Default <see cref="UnsetBehavior.Destroy"/>.</value>
    public UnsetBehavior Unset { get; set; }

    /// <summary>Whether the browser's cookie is cleared when its session is destroyed.</summary>
    /// <value>Default true.</value>
    public bool ClearCookieOnDestroy { get; set; } = true;

    /// <summary>How to decide whether a request is secure: true trusts <c>X-Forwarded-Proto</c>, false uses only the connection, null
    /// uses <see cref="HttpRequest.IsHttps"/>, which forwarded-headers middleware may have set.</summary>
    /// <value>Default null.</value>
    public bool? Proxy { get; set; }

    /// <summary>The cookie that new sessions get.</summary>
    public SessionCookieOptions Cookie { get; set; } = new();

    /// <summary>Chooses the cookie by the request, in place of <see cref="Cookie"/>. Called at most once per request. What it returns is
    /// validated like <see cref="Cookie"/> when it is used.</summary>
    public Func<HttpContext, SessionCookieOptions>? CookieFor { get; set; }

    /// <summary>How long a session lives without a request if its cookie has no MaxAge.</summary>
    /// <value>Default 1 day. Longer than zero.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long a session lives at most, even if it is used or gets a new id. Null for no limit. A stored session without a limit, or
    /// with a later one, gets this limit when it is loaded, and is saved with it.</summary>
    /// <value>Default null. Longer than zero. <see cref="HttpSession.AbsoluteExpiresAt"/> sets an earlier end per session.</value>
    public TimeSpan? AbsoluteTimeout { get; set; }

    /// <summary>The share of its idle time that must have passed before an unchanged session is extended; 0 extends on every request.</summary>
    /// <value>Default 0.1. From 0 to 0.9.</value>
    public double TouchAfter { get; set; } = 0.1;

    /// <summary>For how long a request with an id that was replaced by <see cref="HttpSession.RegenerateAsync"/> counts as one that was under way
    /// (<see cref="SessionLoadResult.Rotated"/>). After it, as long as the store remembers the id (5 minutes), the request has no session, and a warning and the
    /// counter <c>sessionstores.ids.reused</c> report it, since the cookie may have been stolen. Needs a store that has <see cref="ISessionSuccessors"/>, and one
    /// more call to it for a valid cookie whose session was not found.</summary>
    /// <value>Default 10 seconds. From zero, which makes no such call, to 4 minutes.</value>
    public TimeSpan RotationGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a save is merged and retried before it fails with a <see cref="SessionConflictException"/>.</summary>
    /// <value>Default 32. From 1 to 1,000.</value>
    public int MaxMergeAttempts { get; set; } = 32;

    /// <summary>How many live sessions a subject may have, and what happens when a session gets it that would be one more: the save fails with a
    /// <see cref="SessionLimitException"/>, or the sessions end that have had it for the longest time. Sign-ins of <c>AddSessionTickets</c> are not counted.</summary>
    /// <value>Default null for any number; otherwise <see cref="SessionCap.Refuse"/> or <see cref="SessionCap.EndOldest"/>, which need a store with
    /// <see cref="ISessionCaps"/>.</value>
    public SessionCap? SessionsPerSubject { get; set; }

    /// <summary>What happens when two requests assign different values to one member.</summary>
    /// <value>Default <see cref="ClashResolution.LastWins"/>.</value>
    public ClashResolution Clashes { get; set; }

    /// <summary>Resolvers by the name of the member, in place of <see cref="Clashes"/>. A resolver returns the JSON text to store, or null
    /// to remove the member.</summary>
    public IDictionary<string, Func<SessionClash, ReadOnlyMemory<byte>?>> ClashResolvers { get; private set; } =
        new Dictionary<string, Func<SessionClash, ReadOnlyMemory<byte>?>>(StringComparer.Ordinal);

    /// <summary>What a request with a session gets while the store cannot be reached.</summary>
    /// <value>Default <see cref="OutagePolicy.Fail"/>.</value>
    public OutagePolicy Outage { get; set; }

    /// <summary>The <c>Retry-After</c> of <see cref="OutagePolicy.ServiceUnavailable503"/>.</summary>
    /// <value>Default 5 seconds. From 1 second to 1 day.</value>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request, <see cref="SessionAccess"/> and housekeeping wait for one call to the store before that counts as an outage.
    /// Null leaves it to the store's own time-out, which also ends an abandoned call. Pruning that takes longer is reported as failed, and
    /// still runs to its end.</summary>
    /// <value>Default null. From 1 millisecond to 1 hour.</value>
    public TimeSpan? OperationTimeout { get; set; }

    /// <summary>How often expired records are removed from a store that can prune and does not prune itself
    /// (<see cref="ISessionPruning.PrunesItself"/>). Each interval is up to a fifth shorter or longer, so that nodes do not prune at the same time.</summary>
    /// <value>Default 15 minutes. From 1 second to 30 days, or <see cref="Timeout.InfiniteTimeSpan"/> for never.</value>
    public TimeSpan PruneInterval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a request and housekeeping wait for one handler of <see cref="ISessionEvents"/> to take one event.</summary>
    /// <value>Default 5 seconds. From 1 millisecond to 1 minute.</value>
    public TimeSpan EventTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the live sessions are counted for the gauge <c>sessionstores.sessions</c>, if the store can
    /// (<see cref="ISessionEnumeration"/>). Counting many sessions is expensive for the server.</summary>
    /// <value>Default <see cref="Timeout.InfiniteTimeSpan"/>, which is never; otherwise from 1 second to 30 days.</value>
    public TimeSpan CountInterval { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Whether <c>HttpContext.Session</c>, TempData and everything else that uses the framework's session get the default set
    /// of sessions. Needs neither <c>AddSession</c> nor <c>UseSession</c>.</summary>
    /// <value>Default true.</value>
    public bool ServeHttpContextSession { get; set; } = true;

    /// <summary>Whether the cookies of a named set are signed as express-session signs them, so that the set can share its sessions with an Express
    /// application. Such a set needs secrets of its own. The default set is always signed so.</summary>
    /// <value>Default false: the name of the set is part of what signs, so that the cookie of one set is not valid in another one.</value>
    public bool ShareWithExpress { get; set; }

    /// <summary>Whether a response that depends on a session is kept out of caches: <c>Cache-Control: no-cache, no-store</c>,
    /// <c>Pragma: no-cache</c> and <c>Expires: -1</c>, in place of what the application says, and nothing is kept by output caching. That is every
    /// response that sends or clears the cookie, and every one for which the application asked for an existing session or changed a new one.</summary>
    /// <value>Default true. With false the application must prevent that a cache serves one user's response to another.</value>
    public bool PreventCaching { get; set; } = true;

    /// <summary>How values are converted to and from JSON if no type information is passed. For trimmed and native applications add a
    /// source-generated context to its resolver chain.</summary>
    public JsonSerializerOptions Json { get; } = SessionJsonDefaults.Create();

    /// <summary>Sets the defaults of express-session 1.x: resave and saveUninitialized on, unset keeps, the cookie stays on destroy and has neither Secure
    /// nor SameSite, every request extends its session, and a named set is signed as express-session does. Call it first: what is set after it
    /// counts.</summary>
    public void UseExpressDefaults()
    {
        Resave = true;
        SaveUninitialized = true;
        Rolling = false;
        Unset = UnsetBehavior.Keep;
        ClearCookieOnDestroy = false;
        TouchAfter = 0;
        RotationGrace = TimeSpan.Zero;
        ShareWithExpress = true;
        Cookie.Secure = SessionCookieSecurity.Never;
        Cookie.SameSite = SessionSameSite.Unset;
    }

    /// <summary>Gives the cookie a name with the prefix <c>__Host-</c> and what browsers demand of it: <see cref="SessionCookieSecurity.Always"/>, the path
    /// <c>/</c> and no domain. No other host, and no page without HTTPS, can then set or replace the cookie. Existing sessions of the former name end.</summary>
    public void UseHostPrefix()
    {
        if (!Name.StartsWith(HostPrefix, StringComparison.OrdinalIgnoreCase))
            Name = HostPrefix + Name;

        Cookie.Secure = SessionCookieSecurity.Always;
        Cookie.Path = "/";
        Cookie.Domain = null;
    }
}
