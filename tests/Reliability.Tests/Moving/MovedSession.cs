namespace SessionStores.Reliability.Tests.Moving;

/// <summary>What a browser knows about its session: the additions and the log-out that were acknowledged, and those whose result is unknown.</summary>
/// <param name="cookie">The cookie of the session.</param>
internal sealed class MovedSession(string cookie)
{
    private readonly Lock _gate = new();
    private int _acknowledged;
    private int _begun;
    private int _logOuts;
    private bool _hasEnded;

    public string Cookie => cookie;

    /// <summary>The additions that were acknowledged.</summary>
    public int Acknowledged
    {
        get
        {
            lock (_gate)
                return _acknowledged;
        }
    }

    /// <summary>A request begins: what it may see from here on.</summary>
    public Expectation Begin(Request request)
    {
        lock (_gate)
        {
            _begun += request == Request.Add ? 1 : 0;
            _logOuts += request == Request.LogOut ? 1 : 0;
            return new Expectation(_acknowledged, _hasEnded);
        }
    }

    /// <summary>Compares what a request saw with what was acknowledged before it began.</summary>
    /// <param name="request">The request.</param>
    /// <param name="before">What <see cref="Begin"/> returned for it.</param>
    /// <param name="seen">The number in the session, which includes the addition of the request itself; null for no session.</param>
    public Violation Check(Request request, Expectation before, int? seen)
    {
        lock (_gate)
        {
            // Only a log-out ends a session, and a log-out that found none is not the one that has ended it.
            if (seen is null)
                return _logOuts > (request == Request.LogOut ? 1 : 0) ? Violation.None : Violation.Lost;

            if (before.HasEnded)
                return Violation.Resurrected;

            _hasEnded |= request == Request.LogOut;
            _acknowledged += request == Request.Add ? 1 : 0;
            if (seen < before.Acknowledged + (request == Request.Add ? 1 : 0))
                return Violation.Lost;

            // An addition that was done twice, or one that was never asked for.
            return seen > _begun ? Violation.Doubled : Violation.None;
        }
    }

    /// <summary>What a session that is live in the end must be.</summary>
    public Violation CheckAtEnd(int? seen) => Check(Request.Read, Begin(Request.Read), seen);
}

/// <summary>What a request must see.</summary>
/// <param name="Acknowledged">At least so many additions.</param>
/// <param name="HasEnded">No session, as its log-out was acknowledged.</param>
internal readonly record struct Expectation(int Acknowledged, bool HasEnded);

internal enum Request
{
    Read,
    Add,
    LogOut,
}

internal enum Violation
{
    None,

    /// <summary>An acknowledged addition or the session is missing.</summary>
    Lost,

    /// <summary>The session is there after its log-out.</summary>
    Resurrected,

    /// <summary>More was added than was asked for.</summary>
    Doubled,
}
