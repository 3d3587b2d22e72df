using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace SessionStores.AspNetCore;

/// <summary>What one set of sessions knows about an HTTP request: the session, why it is this one, and what was done with it.</summary>
internal sealed class SessionRequest(SessionSet set, SessionSaver saver, HttpContext context, SessionCookieOptions cookieOptions)
    : SessionScope(set, context, cookieOptions), ISessionFeature
{
    private HttpSession? _session;
    private ISession? _frameworkSession;
    private SessionLoadResult _result;
    private SessionRequest? _next;
    private long _withoutStoreUntil;

    public HttpContext Context { get; } = context;

    /// <summary>Whether the browser sent a valid cookie.</summary>
    public bool HasCookie { get; set; }

    /// <summary>Whether the browser also sent a cookie of ours whose session is gone, before the one that was loaded.</summary>
    public bool HasStaleCookie { get; set; }

    /// <summary>The cookie of ASP.NET Core's own session that the browser has no use for, because its session was moved or has ended.</summary>
    public FrameworkCookie? FormerCookie { get; private set; }

    public SessionLoadResult Result => State is { IsGone: true } ? SessionLoadResult.DestroyedMeanwhile
        : Mode == SessionMode.None ? SessionLoadResult.OptedOut
        : HasLostStore ? SessionLoadResult.StoreUnavailable
        : _result;

    /// <summary>Whether the request has no session because of its endpoint or its path. A later part of the pipeline may differ.</summary>
    public bool IsLeftAlone => _result is SessionLoadResult.OptedOut or SessionLoadResult.PathMismatch;

    /// <summary>Whether the session was loaded without being extended.</summary>
    public bool IsPeeked { get; private set; }

    /// <summary>Whether the request does not count as use of the session. An error page that runs after such an endpoint may.</summary>
    public bool IsPeeking => IsPeeked && Mode == SessionMode.Peek;

    /// <summary>Whether the rest of the pipeline runs.</summary>
    public bool IsRunning { get; set; }

    /// <summary>The session that was loaded or begun; null if there is not one yet.</summary>
    public SessionState? State { get; private set; }

    /// <summary>Whether the application has dropped its session.</summary>
    public bool IsUnset { get; private set; }

    /// <summary>Whether dropping the session is done.</summary>
    public bool IsUnsetDone { get; set; }

    /// <summary>Whether an unchanged session was already extended or written again.</summary>
    public bool IsRefreshed { get; set; }

    public bool IsCookieWritten { get; set; }

    /// <summary>Whether caches must not keep the response, because it depends on the session.</summary>
    public bool IsCachingPrevented { get; private set; }

    /// <summary>Whether saving has failed.</summary>
    public bool HasFailed { get; set; }

    /// <summary>Whether the response was turned into 503, possibly while the handler is writing another one.</summary>
    public bool Is503 { get; private set; }

    /// <summary>The session for the application; null if the request has none. A new one is created when it is first asked for.</summary>
    public HttpSession? Session
    {
        get
        {
            if (IsUnset || Mode == SessionMode.None || State is { IsDestroyed: true } || Begin() is not { } state)
                return null;

            if (!state.IsNew)
                PreventCaching();

            return _session ??= new HttpSession(state, saver);
        }
    }

    ISession ISessionFeature.Session
    {
        get => _frameworkSession ??= new FrameworkSession(this);
        set => _frameworkSession = value;
    }

    private bool MayBegin => _result is SessionLoadResult.NoCookie or SessionLoadResult.BadSignature or SessionLoadResult.NotFound or SessionLoadResult.Unreadable
        or SessionLoadResult.Rotated;

    public static SessionRequest? Find(HttpContext context, string name) => context.Features.Get<SessionRequest>()?.Named(name);

    /// <summary>Returns this one or one that was attached before it.</summary>
    public SessionRequest? Named(string name)
    {
        var request = this;
        while (request is not null && request.Set.Name != name)
            request = request._next;

        return request;
    }

    /// <summary>Makes this the newest set of sessions of the request.</summary>
    public void Attach(SessionRequest? others)
    {
        _next = others;
        Context.Features.Set(this);
    }

    /// <summary>Makes this session the one of <c>HttpContext.Session</c>.</summary>
    public void Bridge() => Context.Features.Set<ISessionFeature>(this);

    /// <summary>Returns the session, and begins a new one if the request may have one.</summary>
    public SessionState? Begin()
    {
        if (State is null && MayBegin)
            State = NewState();

        return State;
    }

    /// <summary>Creates a new session, which is not yet that of the request.</summary>
    public SessionState NewState() => new(this, SessionData.New(NewCookie(), NewAbsoluteLimit()));

    /// <summary>The response deletes the cookie of ASP.NET Core's own session, and sends that of the session if there is one.</summary>
    public void Replace(FrameworkCookie former)
    {
        FormerCookie = former;
        PreventCaching();
    }

    /// <summary>The slide of the read: as the options say; null for none. The store applies the limits of the record.</summary>
    public SlidingExpiry? Slide()
    {
        IsPeeked = Mode == SessionMode.Peek;
        return IsPeeked ? null : new SlidingExpiry(NewIdleTime * (1 - Set.Options.TouchAfter), NewIdleTime);
    }

    /// <summary>Takes the session that was loaded.</summary>
    public void Loaded(SessionData data, SessionRecord record) => State = new SessionState(this, data, record);

    /// <summary>Sets the result of loading, and counts it.</summary>
    public void Finish(SessionLoadResult result)
    {
        Skip(result);
        Set.Metrics.Load(result);
    }

    /// <summary>Sets why nothing is loaded.</summary>
    public void Skip(SessionLoadResult result) => _result = result;

    /// <summary>Drops the session of the application.</summary>
    public void Unset()
    {
        ThrowIfReadOnly();
        IsUnset = true;
        if (State is { IsNew: false })
            PreventCaching();
    }

    public override void OnChanging() => PreventCaching();

    /// <summary>Keeps the response out of caches, unless the options leave that to the application.</summary>
    public void PreventCaching()
    {
        if (IsCachingPrevented || !Set.Options.PreventCaching)
            return;

        IsCachingPrevented = true;
        CachePrevention.Begin(Context, Set.HasOutputCache);
    }

    /// <summary>For as long as a client is asked to stay away: a response that takes longer tries again.</summary>
    public override bool IsWithoutStore => HasLostStore && Set.Clock.GetUtcNow().UtcTicks < _withoutStoreUntil;

    public override bool ContinuesAfter(SessionStoreException failure, string stage)
    {
        if (Set.Options.Outage != OutagePolicy.ContinueWithoutSession || !failure.IsOutage())
            return false;

        ReportOutage(failure, stage);
        _withoutStoreUntil = (Set.Clock.GetUtcNow() + Set.Options.RetryAfter).UtcTicks;
        return true;
    }

    /// <summary>Whether a failure was the last that this request saw of its store.</summary>
    public bool HasLostStore => _withoutStoreUntil != 0;

    /// <summary>The store responds again.</summary>
    public void HasStore() => _withoutStoreUntil = 0;

    /// <summary>Responds to a failure that nothing has handled, if the policy is 503.</summary>
    /// <returns>False if the failure is the exception of the request. Once bytes have been sent, the only way to report it is to abort the response.</returns>
    public bool TryRespond503(SessionStoreException failure, string stage)
    {
        if (Set.Options.Outage != OutagePolicy.ServiceUnavailable503 || !failure.IsOutage())
            return false;

        ReportOutage(failure, stage);
        if (HasResponseStarted)
            return false;

        Respond503();
        return true;
    }

    public void Respond503()
    {
        Is503 = true;
        Outage.Write503(Context.Response, Set.Options.RetryAfter);

        // A handler that is writing fails, and the server ends the connection: the client must not send its next request there.
        if (IsRunning && HttpProtocol.IsHttp11(Context.Request.Protocol))
            Context.Response.Headers.Connection = "close";
    }

    public void WarnOfDroppedChange() => Log.BridgedChangeDropped(Set.Logger, Result);

    private void ReportOutage(SessionStoreException failure, string stage)
    {
        Set.Metrics.Outage(stage);
        Action<ILogger, OutagePolicy, Exception> log = stage switch
        {
            "load" => Log.LoadOutage,
            "destroy" when Set.Options.Outage == OutagePolicy.ContinueWithoutSession => Log.DestroyOutage,
            _ => Log.SaveOutage,
        };
        log(Set.Logger, Set.Options.Outage, failure);
    }

    private DateTimeOffset? NewAbsoluteLimit() =>
        Set.Options.AbsoluteTimeout is { } limit ? SessionExpiry.Add(Set.StoreClock.Now, limit) : null;
}
