using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <summary>What one request knows about its ticket: the key that the cookie handler works with, and the key under which the ticket is.</summary>
/// <remarks>The cookie handler keeps the key that its request brought, also for a new sign-in, and asks the store to renew the ticket under it.
/// That would sign the user in under a key that another person may have planted in the browser. So a sign-in stores the ticket under a new
/// key, and <see cref="SessionTicketCookies"/> sends that one.</remarks>
internal sealed class SessionTicketRequest(SessionSet set)
{
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
    private string? _handlerKey;
    private string? _owner;
    private string? _device;
    private bool _isStarting;

    /// <summary>The key under which the ticket of the browser is; null if it has none.</summary>
    public string? Key { get; private set; }

    /// <summary>When the user of the ticket was authenticated; null if that is not known.</summary>
    public DateTimeOffset? AuthenticatedAt { get; private set; }

    /// <summary>The key to send in place of the handler's; null if that is right.</summary>
    public string? NewKey => Key == _handlerKey ? null : Key;

    /// <summary>The state of a request for one scheme, which has a ticket store of its own.</summary>
    public static SessionTicketRequest Of(HttpContext context, SessionTicketStore store)
    {
        if (context.Items.TryGetValue(store, out var known))
            return (SessionTicketRequest)known!;

        var request = new SessionTicketRequest(store.Set);
        context.Items.Add(store, request);

        // Callbacks run in reverse order, and the handler has registered its own before it first calls the store.
        if (!context.Response.HasStarted)
            context.Response.OnStarting(request.StartAsync);

        return request;
    }

    /// <summary>What the tickets of a request for an owner, of all schemes that one set of sessions keeps, share with the session of the browser.</summary>
    /// <param name="context">The request.</param>
    /// <param name="set">The set of sessions.</param>
    /// <param name="owner">The owner, as it is stored.</param>
    /// <param name="current">What is returned if one of several tickets has it.</param>
    /// <returns>Null without such a ticket.</returns>
    public static string? DeviceOf(HttpContext context, SessionSet set, string owner, string? current)
    {
        string? device = null;
        foreach (var request in context.Items.Values.OfType<SessionTicketRequest>())
        {
            if (!request.IsOf(set, owner))
                continue;

            if (request._device == current)
                return current;

            device ??= request._device;
        }

        return device;
    }

    /// <summary>Whether a call to renew is a renewal. The handler renews while the response starts, and signs in before that. A ticket of another
    /// owner is never a renewal: an application can sign in while the response starts.</summary>
    public bool IsRenewal(string? owner) => _isStarting && owner == _owner;

    /// <summary>The handler works with this key from now on, and the ticket is under it.</summary>
    public void Take(string key, string? owner, in SessionFacts facts) => Replace(key, key, owner, facts);

    /// <summary>The key under which the handler's ticket is.</summary>
    public string LiveKeyOf(string handlerKey) => handlerKey == _handlerKey && Key is not null ? Key : handlerKey;

    /// <summary>The ticket is under a new key, which the handler does not know: a sign-in has stored it, or it was moved.</summary>
    public void Replace(string handlerKey, string key, string? owner, in SessionFacts facts) =>
        (_handlerKey, Key, _owner, _device, AuthenticatedAt) = (handlerKey, key, owner, facts.Device, facts.AuthenticatedAt);

    /// <summary>The handler's ticket ends.</summary>
    /// <returns>The key of the ticket to remove; null if it has ended already.</returns>
    public string? End(string handlerKey)
    {
        _ended.Add(handlerKey);
        if (handlerKey != _handlerKey)
            return handlerKey;

        var key = Key;
        Key = null;
        return key;
    }

    /// <summary>Every ticket that the request brought ends.</summary>
    /// <returns>The keys of those that have not ended already.</returns>
    public IReadOnlyList<string> TakeBrought(IReadOnlyList<string> brought) => [.. brought.Where(_ended.Add)];

    private bool IsOf(SessionSet sessions, string owner) =>
        Key is not null && set == sessions && _owner is { Length: > 0 } signedIn && SessionSubject.Of(signedIn) == owner;

    private Task StartAsync()
    {
        _isStarting = true;
        return Task.CompletedTask;
    }
}
