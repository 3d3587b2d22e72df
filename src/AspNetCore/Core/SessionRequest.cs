using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionStores.AspNetCore;

/// <summary>The session of one HTTP request: loads it, saves it before the first byte, and sends its cookie.</summary>
internal sealed class SessionRequest(SessionRuntime runtime, HttpContext context, SessionMode mode, SessionCookieOptions cookieOptions) : ISessionFeature
{
    private ISession? _frameworkSession;
    private HttpSession? _session;
    private string? _cookieId;
    private bool _isUnset;
    private bool _isUnsetDone;
    private bool _isRefreshed;
    private bool _isCookieWritten;
    private bool _hasFailed;
    private bool _hasWarnedInsecure;

    public HttpContext Context { get; } = context;

    public SessionMode Mode { get; } = mode;

    public SessionLoadResult Result { get; set; }

    public bool HasResponseStarted => Context.Response.HasStarted;

    /// <summary>Whether the response was turned into 503 while the handler may still be writing another one.</summary>
    public bool IsAnsweredUnavailable { get; private set; }

    /// <summary>The session; null when there is none here. A new one is made when it is first asked for.</summary>
    public HttpSession? Session
    {
        get
        {
            if (_isUnset || _session is { IsDestroyed: true })
                return null;

            if (_session is null && MayBegin)
                _session = new HttpSession(runtime, this, SessionData.New(NewCookie(), NewAbsolute()));

            return _session;
        }
    }

    private bool MayBegin => Result is SessionLoadResult.NoCookie or SessionLoadResult.BadSignature or SessionLoadResult.NotFound or SessionLoadResult.Unreadable;

    private SessionRequest? Next { get; set; }

    private bool IsSecure => SecureRequest.IsSecure(Context, runtime.Options.Proxy);

    public static SessionRequest? Find(HttpContext context, string name) => context.Features.Get<SessionRequest>()?.Named(name);

    public string Name => runtime.Name;

    /// <summary>This one or one of those attached before it.</summary>
    public SessionRequest? Named(string name)
    {
        var request = this;
        while (request is not null && request.Name != name)
            request = request.Next;

        return request;
    }

    /// <summary>Makes this the newest session of the request.</summary>
    public void Attach(SessionRequest? others)
    {
        Next = others;
        Context.Features.Set(this);
    }

    /// <summary>Makes this session the one of <c>HttpContext.Session</c>.</summary>
    public void Bridge() => Context.Features.Set<ISessionFeature>(this);

    /// <inheritdoc/>
    ISession ISessionFeature.Session
    {
        get => _frameworkSession ??= new FrameworkSession(this);
        set => _frameworkSession = value;
    }

    public void WarnOfDroppedChange() => Log.BridgedChangeDropped(runtime.Logger, Result);

    /// <summary>Loads the session and extends it in the same round trip. Answers false when the request was answered 503.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> LoadAsync(string id)
    {
        _cookieId = id;
        var options = runtime.Options;
        var now = runtime.Clock.GetUtcNow();
        var idle = cookieOptions.MaxAge ?? options.IdleTimeout;
        var slide = new SlidingExpiry(idle * (1 - options.TouchAfter), SessionExpiry.Add(now, idle));
        try
        {
            // Without the token of the request: the store bounds the read by itself, and to call a read off costs drivers and servers more than
            // to let it end.
            var record = await runtime.Calls.GetAsync(id, slide, CancellationToken.None);
            await ReadAsync(record, now, slide);
            return true;
        }
        catch (SessionStoreException failure) when (failure.Fault == SessionStoreFault.Unreadable)
        {
            Finish(SessionLoadResult.Unreadable);
            Log.SessionUnreadable(runtime.Logger, "The store cannot read it.", failure);
            return true;
        }
        catch (SessionStoreException failure) when (SessionRuntime.IsOutage(failure))
        {
            Finish(SessionLoadResult.StoreUnavailable);
            if (options.Outage == OutagePolicy.Fail)
                throw;

            runtime.Metrics.Outage("load");
            Log.LoadOutage(runtime.Logger, options.Outage, failure);
            if (options.Outage == OutagePolicy.ContinueWithoutSession)
                return true;

            AnswerUnavailable();
            return false;
        }
    }

    /// <summary>Saves what there is to save. May run several times in a request.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask CommitAsync()
    {
        if (Mode == SessionMode.ReadOnly || IsAnsweredUnavailable || _hasFailed)
            return;

        // A failure is reported once. An error page that is written because of it must not meet it again.
        _hasFailed = true;
        try
        {
            await SaveAsync();
            _hasFailed = false;
        }
        catch (SessionStoreException failure) when (SessionRuntime.IsOutage(failure) && runtime.Options.Outage != OutagePolicy.Fail)
        {
            runtime.Metrics.Outage("save");
            Log.SaveOutage(runtime.Logger, runtime.Options.Outage, failure);
            if (runtime.Options.Outage == OutagePolicy.ServiceUnavailable503)
            {
                // Once bytes are out, the one way left to say so is a response that breaks off.
                if (HasResponseStarted)
                    throw;

                AnswerUnavailable();
            }
        }
    }

    /// <summary>Runs before the first byte, whoever writes it.</summary>
    public async Task OnResponseStartingAsync()
    {
        await CommitAsync();
        if (!IsAnsweredUnavailable && !_isCookieWritten)
        {
            _isCookieWritten = true;
            WriteCookie();
        }
    }

    /// <summary>Whether a session can be stored so that its browser can come back with it.</summary>
    public bool CanStore(HttpSession session)
    {
        if (!session.Cookie.Secure || (session.IsStored && session.RotatesFrom is null) || IsSecure)
            return true;

        if (!_hasWarnedInsecure)
        {
            _hasWarnedInsecure = true;
            Log.InsecureRequest(runtime.Logger);
        }

        return false;
    }

    public SessionCookie NewCookie()
    {
        if (runtime.Options.CookieFor is not null)
        {
            var problems = new List<string>();
            SessionStoresOptionsValidator.AddCookieProblems(cookieOptions, runtime.Options.Name, runtime.Clock.GetUtcNow(), problems);
            if (problems.Count > 0)
                throw new InvalidOperationException($"SessionStoresOptions.CookieFor answered a cookie that cannot be used. {string.Join(' ', problems)}");
        }

        return SessionCookie.Create(cookieOptions, IsSecure, runtime.Clock);
    }

    /// <summary>The application drops its session.</summary>
    public void Unset()
    {
        if (Mode == SessionMode.ReadOnly)
            throw new InvalidOperationException("The endpoint asked for a session to read only (SessionMode.ReadOnly).");

        _isUnset = true;
    }

    public void OnDestroyed() => _isUnsetDone = true;

    public void OnGone() => Result = SessionLoadResult.DestroyedMeanwhile;

    private DateTimeOffset? NewAbsolute() =>
        runtime.Options.AbsoluteTimeout is { } limit ? SessionExpiry.Add(runtime.Clock.GetUtcNow(), limit) : null;

    private void Finish(SessionLoadResult result)
    {
        Result = result;
        runtime.Metrics.Load(result);
    }

    private async ValueTask ReadAsync(SessionRecord? record, DateTimeOffset now, SlidingExpiry slide)
    {
        if (record is null)
        {
            Finish(SessionLoadResult.NotFound);
            return;
        }

        if (!SessionData.TryRead(record, runtime.Clock, out var data))
        {
            Finish(SessionLoadResult.Unreadable);
            Log.SessionUnreadable(runtime.Logger, "It must be a JSON object with a cookie of the types that express-session writes.", null);
            return;
        }

        if (data.AbsoluteExpiresAt <= now)
        {
            // A peer that knows nothing of absolute limits has kept it alive.
            await runtime.Calls.DestroyAsync(record.Id, CancellationToken.None);
            Finish(SessionLoadResult.NotFound);
            return;
        }

        data.Cookie.Touch(now, data.AbsoluteExpiresAt);
        _session = new HttpSession(runtime, this, data, record);
        if (record.ExpiresAt - now >= slide.WhenRemainingBelow && record.ExpiresAt != slide.ExtendTo)
            runtime.Metrics.TouchSkipped();

        Finish(SessionLoadResult.Loaded);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SaveAsync()
    {
        // What the handler did is kept even when the browser has gone away, hence no token.
        if (_isUnset)
        {
            if (!_isUnsetDone && runtime.Options.Unset == UnsetBehavior.Destroy && _session is not null)
                await _session.DestroyAsync(CancellationToken.None);

            _isUnsetDone = true;
            return;
        }

        var session = _session ?? (runtime.Options.SaveUninitialized && !HasResponseStarted ? Session : null);
        if (session is null || session.IsDestroyed)
            return;

        if (session.NeedsSave || (!session.IsStored && runtime.Options.SaveUninitialized))
        {
            if (CanStore(session))
                await runtime.Saver.SaveAsync(session, CancellationToken.None);
        }
        else if (session.IsStored && !session.IsWritten && !_isRefreshed)
        {
            if (runtime.Options.Resave)
                await runtime.Saver.ResaveAsync(session, CancellationToken.None);
            else
                await session.TouchIfDueAsync(CancellationToken.None);
        }

        _isRefreshed = true;
    }

    private void WriteCookie()
    {
        var session = _session;
        if (session is null)
            return;

        if (_isUnsetDone)
        {
            if (_cookieId is not null && session.IsDestroyed && runtime.Options.ClearCookieOnDestroy)
                Append(session.Cookie, SetCookieHeader.Clear(runtime.Options.Name, session.Cookie));

            return;
        }

        if (_hasFailed || session.IsDestroyed || !session.IsStored || !(session.IsCookieDue || (runtime.Options.Rolling && !session.IsNew)))
            return;

        if (session.Cookie.Secure && !IsSecure)
            return;

        session.Cookie.Touch(runtime.Clock.GetUtcNow(), session.AbsoluteExpiresAt);
        Append(session.Cookie, SetCookieHeader.Write(runtime.Options.Name, session.Id, runtime.Secrets[0], session.Cookie, session.Cookie.Expires));
    }

    private void Append(SessionCookie cookie, string header)
    {
        if (!cookie.CanBeSent)
        {
            Log.CookieNotSendable(runtime.Logger);
            return;
        }

        var headers = Context.Response.Headers;
        headers.SetCookie = Microsoft.Extensions.Primitives.StringValues.Concat(headers.SetCookie, header);
    }

    /// <summary>Turns the response into 503. A handler that is about to write a body fails in that, since the length is zero.</summary>
    private void AnswerUnavailable()
    {
        IsAnsweredUnavailable = true;
        var response = Context.Response;
        response.Headers.Clear();
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.Headers.RetryAfter = ((long)Math.Ceiling(runtime.Options.RetryAfter.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.ContentLength = 0;
    }
}
