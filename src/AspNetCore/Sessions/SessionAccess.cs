namespace SessionStores.AspNetCore;

/// <summary>Sessions outside of requests: background work, sockets, administration. A singleton; named sets are keyed services.</summary>
/// <remarks>These sessions are saved only by <see cref="HttpSession.SaveAsync"/>, with the same merging as in a request. No cookie is
/// sent, so a new id given here never reaches a browser.</remarks>
public sealed partial class SessionAccess
{
    private readonly StoreCalls _calls;
    private readonly SessionEnder _ender;
    private readonly SessionReader _reader;
    private readonly SessionSaver _saver;
    private readonly CookieReader _cookies;
    private readonly SessionScope _scope;
    private readonly ContinuationSeal _continuations;

    internal SessionAccess(SessionRuntime runtime)
    {
        _calls = runtime.Calls;
        _ender = new SessionEnder(runtime.Set, _calls);
        _reader = new SessionReader(_calls);
        _saver = runtime.Saver;
        _cookies = runtime.Cookies;
        _scope = new SessionScope(runtime.Set, null, runtime.Set.Options.Cookie);
        _continuations = new ContinuationSeal(runtime.Set.Secrets);
    }

    /// <summary>Loads a session without extending it; returns null if it does not exist.</summary>
    /// <exception cref="ArgumentException">The id is invalid.</exception>
    /// <exception cref="SessionStoreException">The store failed, or the record cannot be read.</exception>
    public async Task<HttpSession?> LoadAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        var record = await _calls.GetAsync(id, null, cancellationToken);
        return await _reader.OpenAsync(_scope, record, cancellationToken) is { } data ? Open(record!, data) : null;
    }

    /// <summary>Completes when a session has ended: destroyed here or on another node, expired, or continued under a new id. For what outlives a
    /// request, such as a connection of SignalR or a circuit of Blazor.</summary>
    /// <remarks>Stores do not notify, so the store is read at each interval, once for each call that is waiting: choose the interval by how long a
    /// connection may outlive its log-out. While the store fails, nothing ends: an outage logs out no user.</remarks>
    /// <param name="id">The id of the session.</param>
    /// <param name="interval">How long to wait between two reads; the first one is at once.</param>
    /// <param name="cancellationToken">Stops waiting, such as when the connection is closed.</param>
    /// <exception cref="ArgumentException">The id is invalid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The interval is not positive.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async Task WhenEndedAsync(string id, TimeSpan interval, CancellationToken cancellationToken)
    {
        SessionArguments.ThrowIfInvalidId(id);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        using var timer = new PeriodicTimer(interval, _scope.Set.Clock);
        while (await IsLiveAsync(id, cancellationToken))
            await timer.WaitForNextTickAsync(cancellationToken);
    }

    /// <summary>Reads the id from a Cookie header; returns null if there is no cookie with a valid signature. Of several it
    /// returns the first, while a request takes the first whose session is live.</summary>
    /// <param name="cookieHeader">The value of the header, such as <c>connect.sid=s%3A...</c>.</param>
    public string? ReadId(string? cookieHeader)
    {
        _cookies.Read(cookieHeader, out var id);
        return id;
    }

    /// <summary>Destroys a session.</summary>
    /// <returns>True if it existed.</returns>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async Task<bool> DestroyAsync(string id, CancellationToken cancellationToken = default)
    {
        SessionArguments.ThrowIfInvalidId(id);
        return await _ender.EndAsync(id, SessionEndReason.Access, cancellationToken);
    }

    private async Task<bool> IsLiveAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return await LoadAsync(id, cancellationToken) is not null;
        }
        catch (SessionStoreException)
        {
            return true; // Reported by the store. Whether the session has ended is not known.
        }
    }

    private HttpSession Open(SessionRecord record, SessionData data) => new(new SessionState(_scope, data, record), _saver);
}
