using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionStores.AspNetCore;

/// <summary>Where a session is used: in a request, or outside of one. It decides how ids and cookies are created, and whether the session can be
/// changed and its cookie still be sent.</summary>
/// <param name="set">The set of sessions.</param>
/// <param name="context">The request; null outside of one.</param>
/// <param name="cookieOptions">The cookie of new sessions.</param>
internal class SessionScope(SessionSet set, HttpContext? context, SessionCookieOptions cookieOptions)
{
    /// <summary>The longest idle time in a record, unless the options set a longer one: what browsers keep a cookie.</summary>
    private static readonly TimeSpan LongestIdle = TimeSpan.FromDays(400);

    private bool _hasWarnedInsecure;
    private bool _hasWarnedOfConsent;

    public SessionSet Set { get; } = set;

    /// <summary>Whether the session can be changed now.</summary>
    public SessionMode Mode => context is null ? SessionMode.ReadWrite : SessionModeAttribute.Of(context);

    /// <summary>Whether the session is that of a request.</summary>
    public bool IsOfRequest => context is not null;

    /// <summary>Who ends a session that is destroyed here.</summary>
    public SessionEndReason EndReason => context is null ? SessionEndReason.Access : SessionEndReason.Request;

    /// <summary>Whether a Secure cookie can be sent. Outside of requests no cookie is sent, so none is refused.</summary>
    public bool IsSecure => context is null || SecureRequest.IsSecure(context, Set.Options.Proxy);

    /// <summary>Whether the cookie is sent without the consent of the user.</summary>
    public bool IsCookieEssential => cookieOptions.IsEssential;

    public bool HasResponseStarted => context is { Response.HasStarted: true };

    /// <summary>Cancelled when the client of the request has gone.</summary>
    public CancellationToken ClientGone => context?.RequestAborted ?? default;

    /// <summary>How long a new session lives without a request.</summary>
    protected TimeSpan NewIdleTime => cookieOptions.MaxAge ?? Set.Options.IdleTimeout;

    /// <summary>What the sign-in that the request has for an owner is to share with the session; null without such a sign-in.</summary>
    /// <param name="owner">The owner of the session.</param>
    /// <param name="current">What the session has. It is kept if one of several sign-ins has it.</param>
    public string? SignedInDevice(string owner, string? current) =>
        context is not null && Set.HasTickets ? SessionTicketRequest.DeviceOf(context, Set, owner, current) : null;

    public string NewId() => Set.NewId(context);

    public SessionCookie NewCookie()
    {
        if (context is not null && Set.Options.CookieFor is not null)
        {
            var problems = cookieOptions.Validate(Set.Options.Name, Set.Clock.GetUtcNow());
            if (problems.Count > 0)
                throw new InvalidOperationException($"SessionStoresOptions.CookieFor returned a cookie that cannot be used. {string.Join(' ', problems)}");
        }

        return SessionCookie.Create(cookieOptions, cookieOptions.DependsOnHttps && IsSecure, Set.Clock);
    }

    /// <summary>Reads a stored record, as far as the options allow. Returns false if it cannot be read.</summary>
    public bool TryRead(SessionRecord record, [NotNullWhen(true)] out SessionData? data)
    {
        if (!SessionData.TryRead(record, Set.Clock, out data))
            return false;

        Set.StoreClock.Learn(record);
        data.Cookie.Restrict(cookieOptions, NewIdleTime > LongestIdle ? NewIdleTime : LongestIdle);
        if (Set.Options.AbsoluteTimeout is not null)
            data.AbsoluteExpiresAt = LimitedEnd(data.AbsoluteExpiresAt, record.ReadAt(Set.Clock));

        return true;
    }

    /// <summary>The absolute end of a session: not later than the options say.</summary>
    public DateTimeOffset? LimitedEnd(DateTimeOffset? wanted, DateTimeOffset now)
    {
        if (Set.Options.AbsoluteTimeout is not { } longest)
            return wanted;

        var latest = SessionExpiry.Add(now, longest);
        return wanted < latest ? wanted : latest;
    }

    public void ThrowIfReadOnly()
    {
        if (Mode is SessionMode.ReadOnly or SessionMode.Peek)
            throw new InvalidOperationException($"The session is read only on this endpoint (SessionMode.{Mode}). Use SessionMode.ReadWrite to change it.");
    }

    public void ThrowIfCookieCannotBeSent()
    {
        ThrowIfReadOnly();
        if (HasResponseStarted)
            throw new InvalidOperationException("The response has started, so the session cookie cannot be sent. Change the session before the first byte is written.");
    }

    /// <summary>The id of a valid cookie whose session was not found: destroyed, expired, or moved to a new id by another request.</summary>
    public string? MissingId { get; set; }

    /// <summary>Whether the id of the request was replaced by another request a moment ago: the session can be read but not changed, and the cookie of the
    /// browser, which may be newer, is not touched.</summary>
    public bool IsSuperseded { get; set; }

    /// <summary>Whether the request continues without its store after a failure: it does not wait for it again at once.</summary>
    public virtual bool IsWithoutStore => false;

    /// <summary>Applies the outage policy to a failure of a call that the application made.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="stage">What the call did: load, save or destroy.</param>
    /// <returns>Whether the request continues; otherwise the failure is the exception of the call.</returns>
    public virtual bool ContinuesAfter(SessionStoreException failure, string stage) => false;

    /// <summary>Ends a session. If the request continues after a failure, at least its browser is logged out.</summary>
    public async ValueTask DestroyAsync(SessionSaver saver, SessionState state, CancellationToken cancellationToken)
    {
        try
        {
            await saver.DestroyAsync(state, cancellationToken);
        }
        catch (SessionStoreException failure) when (ContinuesAfter(failure, "destroy"))
        {
            state.MarkDestroyed();
        }
    }

    /// <summary>Runs before each change.</summary>
    public virtual void OnChanging()
    {
    }

    /// <summary>Whether a cookie can be sent, so that a browser can return with its session; says why not.</summary>
    public bool CanSend(SessionCookie cookie)
    {
        if (cookie.Secure && !IsSecure)
        {
            WarnOfInsecureRequest();
            return false;
        }

        // The cookie policy of the application may suppress the cookie, or make it Secure.
        if (context?.Features.Get<ITrackingConsentFeature>() is not { } policy || (IsSecure && (IsCookieEssential || policy.CanTrack)))
            return true;

        var (isSent, isSecure) = SetCookieHeader.Preview(context.Response, Set.Options.Name, cookie, IsCookieEssential);
        if (!isSent)
            WarnOfMissingConsent();
        else if (isSecure && !IsSecure)
            WarnOfInsecureRequest();
        else
            return true;

        return false;
    }

    private void WarnOfInsecureRequest()
    {
        if (_hasWarnedInsecure)
            return;

        _hasWarnedInsecure = true;
        Log.InsecureRequest(Set.Logger);
    }

    private void WarnOfMissingConsent()
    {
        if (_hasWarnedOfConsent)
            return;

        _hasWarnedOfConsent = true;
        Log.ConsentMissing(Set.Logger);
    }
}
