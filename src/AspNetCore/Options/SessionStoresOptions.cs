using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <summary>How sessions work. The names are those of express-session; the defaults are the safe ones of its next major version.</summary>
/// <remarks>Checked when the application starts: every problem is named at once.</remarks>
public sealed class SessionStoresOptions
{
    /// <summary>The secrets. The first signs, all verify. At least one; in production 32 random bytes or more.</summary>
    public IList<SessionSecret> Secrets { get; set; } = [];

    /// <summary>The name of the cookie.</summary>
    /// <value>Default <c>connect.sid</c>. A token of RFC 7230: letters, digits and <c>!#$%&amp;'*+-.^_`|~</c>.</value>
    public string Name { get; set; } = "connect.sid";

    /// <summary>Makes the id of a new session, or null for 24 random bytes in base64url.</summary>
    /// <value>Default null. Ids are 1 to 256 characters without control characters, and cannot be guessed.</value>
    public Func<HttpContext, string>? GenerateId { get; set; }

    /// <summary>Whether an existing session is written on every request, even unchanged.</summary>
    /// <value>Default false.</value>
    public bool Resave { get; set; }

    /// <summary>Whether a new session is stored and gets a cookie even when nothing was put into it.</summary>
    /// <value>Default false.</value>
    public bool SaveUninitialized { get; set; }

    /// <summary>Whether the cookie of an existing session is sent again with every response.</summary>
    /// <value>Default false.</value>
    public bool Rolling { get; set; }

    /// <summary>What becomes of the stored session when a request unsets its session.</summary>
    /// <value>Default <see cref="UnsetBehavior.Destroy"/>.</value>
    public UnsetBehavior Unset { get; set; }

    /// <summary>Whether the browser is told to drop its cookie when its session is destroyed.</summary>
    /// <value>Default true.</value>
    public bool ClearCookieOnDestroy { get; set; } = true;

    /// <summary>Whom to ask whether a request is secure: true trusts <c>X-Forwarded-Proto</c>, false looks at the connection alone, null
    /// takes <see cref="HttpRequest.IsHttps"/>, which forwarded-headers middleware may have set.</summary>
    /// <value>Default null.</value>
    public bool? Proxy { get; set; }

    /// <summary>The cookie that new sessions get.</summary>
    public SessionCookieOptions Cookie { get; set; } = new();

    /// <summary>Chooses the cookie by the request, in place of <see cref="Cookie"/>. Called at most once per request. Its answers are
    /// checked like <see cref="Cookie"/> when they are used.</summary>
    public Func<HttpContext, SessionCookieOptions>? CookieFor { get; set; }

    /// <summary>How long a session lives without a request when its cookie has no MaxAge.</summary>
    /// <value>Default 1 day. Longer than zero.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long a session lives at most, whatever happens; it survives a new id. Null for no limit.</summary>
    /// <value>Default null. Longer than zero. <see cref="HttpSession.AbsoluteExpiresAt"/> sets it per session.</value>
    public TimeSpan? AbsoluteTimeout { get; set; }

    /// <summary>The share of its idle time that must have passed before an unchanged session is extended; 0 extends on every request.</summary>
    /// <value>Default 0.1. From 0 to 0.9.</value>
    public double TouchAfter { get; set; } = 0.1;

    /// <summary>How often a save is merged and tried again before it fails with a <see cref="SessionConflictException"/>.</summary>
    /// <value>Default 32. From 1 to 1,000.</value>
    public int MaxMergeAttempts { get; set; } = 32;

    /// <summary>What happens when two requests assign different values to one member.</summary>
    /// <value>Default <see cref="ClashResolution.LastWins"/>.</value>
    public ClashResolution Clashes { get; set; }

    /// <summary>Resolvers by the name of the member, in place of <see cref="Clashes"/>. A resolver answers the JSON text to store, or null
    /// for no member.</summary>
    public IDictionary<string, Func<SessionClash, ReadOnlyMemory<byte>?>> ClashResolvers { get; } =
        new Dictionary<string, Func<SessionClash, ReadOnlyMemory<byte>?>>(StringComparer.Ordinal);

    /// <summary>What a request with a session gets while the store cannot be reached.</summary>
    /// <value>Default <see cref="OutagePolicy.Fail"/>.</value>
    public OutagePolicy Outage { get; set; }

    /// <summary>The <c>Retry-After</c> of <see cref="OutagePolicy.ServiceUnavailable503"/>.</summary>
    /// <value>Default 5 seconds. From 1 second to 1 day.</value>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits for one call to the store before that counts as an outage. Null leaves it to the store, which has
    /// a time-out of its own; a call that nobody waits for any more ends with that one.</summary>
    /// <value>Default null. From 1 millisecond to 1 hour.</value>
    public TimeSpan? OperationTimeout { get; set; }

    /// <summary>How often expired records are removed from a store that can prune and does not do it by itself
    /// (<see cref="ISessionPruning.PrunesItself"/>), give or take a fifth, so that nodes do not do it all at once.</summary>
    /// <value>Default 15 minutes. From 1 second to 30 days, or <see cref="Timeout.InfiniteTimeSpan"/> for never.</value>
    public TimeSpan PruneInterval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often the live sessions are counted for the gauge <c>sessionstores.sessions</c>, where the store can
    /// (<see cref="ISessionEnumeration"/>). Counting many sessions costs the server something.</summary>
    /// <value>Default <see cref="Timeout.InfiniteTimeSpan"/>, which is never; otherwise from 1 second to 30 days.</value>
    public TimeSpan CountInterval { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Whether <c>HttpContext.Session</c>, TempData and everything else that asks for the framework's session get the default set
    /// of sessions. Needs neither <c>AddSession</c> nor <c>UseSession</c>.</summary>
    /// <value>Default true.</value>
    public bool ServeHttpContextSession { get; set; } = true;

    /// <summary>How values become JSON and back when no type information is passed. For trimmed and native applications put a
    /// source-generated context into its resolver chain.</summary>
    public JsonSerializerOptions Json { get; } = SessionJsonDefaults.Create();

    /// <summary>Selects the defaults of express-session 1.x: resave and saveUninitialized on, unset keeps, the cookie stays on destroy,
    /// and every request extends its session.</summary>
    public void UseExpressDefaults()
    {
        Resave = true;
        SaveUninitialized = true;
        Rolling = false;
        Unset = UnsetBehavior.Keep;
        ClearCookieOnDestroy = false;
        TouchAfter = 0;
    }
}
