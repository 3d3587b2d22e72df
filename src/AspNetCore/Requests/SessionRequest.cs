using System.Diagnostics.CodeAnalysis;
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
    public ValueTask<bool> LoadAsync(string id)
    {
        _cookieId = id;
        var now = runtime.Clock.GetUtcNow();
        var idle = cookieOptions.MaxAge ?? runtime.Options.IdleTimeout;
        var slide = new SlidingExpiry(idle * (1 - runtime.Options.TouchAfter), SessionExpiry.Add(now, idle));
        ValueTask<SessionRecord?> reading;
        try
        {
            // Without the token of the request: the store bounds the read by itself, and to call a read off costs drivers and servers more than
            // to let it end.
            reading = runtime.Calls.GetAsync(id, slide, CancellationToken.None);
        }
        catch (SessionStoreException failure)
        {
            reading = ValueTask.FromException<SessionRecord?>(failure);
        }

        if (!reading.IsCompletedSuccessfully)
            return LoadAsync(reading, now, slide);

        var record = reading.Result;
        return TryTake(record, now, slide) ? new ValueTask<bool>(true) : LoadAsync(new ValueTask<SessionRecord?>(record), now, slide);
    }

    /// <summary>Saves what there is to save. May run several times in a request.</summary>
    public ValueTask CommitAsync()
    {
        if (Mode == SessionMode.ReadOnly || IsAnsweredUnavailable || _hasFailed)
            return default;

        // A failure is reported once. An error page that is written because of it must not meet it again.
        _hasFailed = true;
        var saving = SaveAsync();
        if (!saving.IsCompletedSuccessfully)
            return CommitAsync(saving);

        saving.GetAwaiter().GetResult();
        _hasFailed = false;
        return default;
    }

    /// <summary>Runs before the first byte, whoever writes it.</summary>
    public Task OnResponseStartingAsync()
    {
        var commit = CommitAsync();
        if (!commit.IsCompletedSuccessfully)
            return StartAfterAsync(commit);

        commit.GetAwaiter().GetResult();
        WriteCookieOnce();
        return Task.CompletedTask;
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

        return SessionCookie.Create(cookieOptions, cookieOptions.DependsOnHttps && IsSecure, runtime.Clock);
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> LoadAsync(ValueTask<SessionRecord?> reading, DateTimeOffset now, SlidingExpiry slide)
    {
        try
        {
            var record = await reading;
            if (!TryTake(record, now, slide))
            {
                await runtime.Calls.DestroyAsync(record.Id, CancellationToken.None);
                Finish(SessionLoadResult.NotFound);
            }

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
            if (runtime.Options.Outage == OutagePolicy.Fail)
                throw;

            runtime.Metrics.Outage("load");
            Log.LoadOutage(runtime.Logger, runtime.Options.Outage, failure);
            if (runtime.Options.Outage == OutagePolicy.ContinueWithoutSession)
                return true;

            AnswerUnavailable();
            return false;
        }
    }

    /// <summary>Takes what the store answered. Answers false when it is past its absolute limit: a peer that knows nothing of such limits has
    /// kept it alive, and it has to be destroyed.</summary>
    private bool TryTake([NotNullWhen(false)] SessionRecord? record, DateTimeOffset now, SlidingExpiry slide)
    {
        if (record is null)
        {
            Finish(SessionLoadResult.NotFound);
            return true;
        }

        if (!SessionData.TryRead(record, runtime.Clock, out var data))
        {
            Finish(SessionLoadResult.Unreadable);
            Log.SessionUnreadable(runtime.Logger, "It must be a JSON object with a cookie of the types that express-session writes.", null);
            return true;
        }

        if (data.AbsoluteExpiresAt <= now)
            return false;

        data.Cookie.Touch(now, data.AbsoluteExpiresAt);
        _session = new HttpSession(runtime, this, data, record);
        if (record.ExpiresAt - now >= slide.WhenRemainingBelow && record.ExpiresAt != slide.ExtendTo)
            runtime.Metrics.TouchSkipped();

        Finish(SessionLoadResult.Loaded);
        return true;
    }

    /// <summary>What the handler did is kept even when the browser has gone away, hence no token.</summary>
    private ValueTask SaveAsync()
    {
        if (_isUnset)
            return _isUnsetDone ? default : UnsetAsync();

        var session = _session ?? (runtime.Options.SaveUninitialized && !HasResponseStarted ? Session : null);
        if (session is null || session.IsDestroyed)
            return default;

        var isRefreshed = _isRefreshed;
        _isRefreshed = true;
        if (session.NeedsSave || (!session.IsStored && runtime.Options.SaveUninitialized))
            return CanStore(session) ? runtime.Saver.SaveAsync(session, CancellationToken.None) : default;

        if (!session.IsStored || session.IsWritten || isRefreshed)
            return default;

        return runtime.Options.Resave
            ? runtime.Saver.ResaveAsync(session, CancellationToken.None)
            : session.TouchIfDueAsync(CancellationToken.None);
    }

    private async ValueTask UnsetAsync()
    {
        if (runtime.Options.Unset == UnsetBehavior.Destroy && _session is not null)
            await _session.DestroyAsync(CancellationToken.None);

        _isUnsetDone = true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask CommitAsync(ValueTask saving)
    {
        try
        {
            await saving;
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

    private async Task StartAfterAsync(ValueTask commit)
    {
        await commit;
        WriteCookieOnce();
    }

    private void WriteCookieOnce()
    {
        if (IsAnsweredUnavailable || _isCookieWritten)
            return;

        _isCookieWritten = true;
        WriteCookie();
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
