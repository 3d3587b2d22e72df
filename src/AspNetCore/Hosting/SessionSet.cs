using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SessionStores.AspNetCore;

/// <summary>One set of sessions: its name, its options, and what reports about it. Everything that works on sessions is given one.</summary>
internal sealed class SessionSet
{
    private int _localCookies;

    public SessionSet(string name, SessionStoresOptions options, TimeProvider clock, SessionMetrics metrics, ILogger logger, Lazy<ISessionEvents[]>? handlers = null)
    {
        Name = name;
        Options = options.Copy();
        Clock = clock;
        StoreClock = new StoreClock(clock);
        Metrics = metrics;
        Logger = new WarningLimiter(logger, clock);
        Events = new SessionEventSource(this, handlers);
        Secrets = [.. options.Secrets.Select(secret => name.Length == 0 || options.ShareWithExpress ? secret : secret.For(name))];

        // Until its options are read-only, System.Text.Json inspects a type by reflection each time.
        if (options.Json.TypeInfoResolver is not null)
            options.Json.MakeReadOnly();
    }

    public string Name { get; }

    public SessionStoresOptions Options { get; }

    /// <summary>What signs and verifies the cookies of this set. The name of a set is part of it, so that the cookie of one set is not valid
    /// in another one that has the same secret and the same store.</summary>
    public SessionSecret[] Secrets { get; }

    public TimeProvider Clock { get; }

    public StoreClock StoreClock { get; }

    public SessionMetrics Metrics { get; }

    /// <summary>Delivers what happens to sessions to the application, if it wants to know.</summary>
    public SessionEventSource Events { get; }

    /// <summary>Where everything that concerns this set is logged; limits the warnings of requests.</summary>
    public ILogger Logger { get; }

    /// <summary>Whether the application has output caching, which has to be kept from responses with a session.</summary>
    public bool HasOutputCache { get; init; }

    /// <summary>Whether the application keeps sign-ins in a store (<c>AddSessionTickets</c>), which can belong to the browser of a session.</summary>
    public bool HasTickets { get; init; }

    /// <summary>Whether the application runs in Development.</summary>
    public bool IsDevelopment { get; init; }

    public JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)Options.Json.GetTypeInfo(typeof(T));

    /// <summary>Creates an id. Outside of requests <see cref="SessionStoresOptions.GenerateId"/> cannot be called.</summary>
    public string NewId(HttpContext? context)
    {
        if (Options.GenerateId is null || context is null)
            return SessionIds.Generate();

        var id = Options.GenerateId(context);
        return SessionIds.IsValid(id)
            ? id
            : throw new InvalidOperationException("SessionStoresOptions.GenerateId returned an invalid id. An id has 1 to 256 characters, is well-formed UTF-16 and has no control characters.");
    }

    /// <summary>Returns the cookie of new sessions of a request.</summary>
    public SessionCookieOptions CookieOptions(HttpContext context) => Options.CookieFor is null ? DefaultCookieOptions(context) : ForRequest(
        Options.CookieFor(context) ?? throw new InvalidOperationException(
            "SessionStoresOptions.CookieFor returned null. It must return cookie options for every request; return SessionStoresOptions.Cookie to use the default."),
        context);

    /// <summary>Returns the cookie of a request that <see cref="SessionStoresOptions.CookieFor"/> does not choose.</summary>
    public SessionCookieOptions DefaultCookieOptions(HttpContext context) => ForRequest(Options.Cookie, context);

    /// <summary>In Development over plain HTTP on the developer's machine browsers other than Chrome and Firefox drop a Secure cookie, and so do clients in code.</summary>
    private SessionCookieOptions ForRequest(SessionCookieOptions cookie, HttpContext context)
    {
        if (!IsDevelopment || !cookie.MayBeInsecureLocally || SecureRequest.IsSecure(context, Options.Proxy) || !SecureRequest.IsToThisMachine(context))
            return cookie;

        if (Interlocked.Exchange(ref _localCookies, 1) == 0)
            Log.InsecureInLocalDevelopment(Logger);

        return cookie.Locally();
    }
}
