using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <content>Moves the sign-ins that another store kept before, by the same steps as sessions (<see cref="FrameworkSessionMover"/>).</content>
internal sealed partial class SessionTicketStore
{
    /// <summary>Where the sign-ins were kept before; null if none are moved.</summary>
    public FormerTickets? Former { get; init; }

    /// <summary>Moves the ticket of a key that this store does not have.</summary>
    private async Task<AuthenticationTicket?> MoveAsync(FormerTickets former, string key, HttpContext context)
    {
        if (await FindOrMoveAsync(former, key, context) is not { } newKey || await ReadAsync(newKey) is not ({ } ticket, var facts))
            return null;

        SessionTicketRequest.Of(context, this).Replace(key, newKey, options.Subject(ticket.Principal), facts);
        if (!context.Response.HasStarted)
            Send(context, ticket.Properties);

        return ticket;
    }

    private async Task<string?> FindOrMoveAsync(FormerTickets former, string key, HttpContext context)
    {
        if (await former.Store.RetrieveAsync(key, context, CancellationToken.None) is not { } ticket)
            return await former.Moved.FindAsync(key);

        // When the user was authenticated is not known: an endpoint that needs a recent sign-in asks for one.
        var newKey = await StoreAsync(ticket, new SessionFacts(null, null, LabelOf(context), DeviceOf(context, options.Subject(ticket.Principal))));
        if (!await former.Moved.TryAddAsync(key, newKey, LifetimeOf(ticket)))
        {
            await RemoveAsync(newKey);
            return await former.Moved.FindAsync(key);
        }

        former.Metrics.Moved("sign-in");
        await RemoveFormerAsync(former.Store, key, context);
        return newKey;
    }

    /// <summary>Ends a ticket that the request brought beside the one that the handler has read.</summary>
    private async Task EndAsync(FormerTickets former, string key, HttpContext context)
    {
        if (!await former.Moved.TryAddAsync(key, null, DefaultLifetime) && await former.Moved.FindAsync(key) is { } moved)
            await RemoveAsync(moved);

        await RemoveFormerAsync(former.Store, key, context);
    }

    /// <summary>A ticket that stays there costs memory only: its key is known to be moved.</summary>
    private async Task RemoveFormerAsync(ITicketStore former, string key, HttpContext context)
    {
        try
        {
            await former.RemoveAsync(key, context, CancellationToken.None);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Log.FormerTicketLeft(_logger, failure);
        }
    }

    /// <summary>Sends the new key, in a response that no cache keeps.</summary>
    private void Send(HttpContext context, AuthenticationProperties ticket)
    {
        keys.SendAgain(context, ticket);
        CachePrevention.Begin(context, hasOutputCache: true);
        context.Response.OnStarting(static response =>
        {
            CachePrevention.Finish(((HttpResponse)response).Headers);
            return Task.CompletedTask;
        }, context.Response);
    }
}
