using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SessionStores.AspNetCore;

/// <summary>A cookie scheme whose sign-ins are kept in a session store.</summary>
internal sealed record SessionTicketScheme(string Name)
{
    /// <summary>Returns the key of the ticket that the browser has now; null if it is not signed in.</summary>
    public async Task<string?> KeyOfAsync(HttpContext context) => (await RequestOfAsync(context))?.Key;

    /// <summary>Returns when the user of the ticket was authenticated, by the clock of the store of which set; null if the browser is not signed in.</summary>
    public async Task<(DateTimeOffset At, string SessionsName)?> AuthenticatedAtAsync(HttpContext context) =>
        await RequestOfAsync(context) is { Key: not null, AuthenticatedAt: { } at }
            ? (at, context.RequestServices.GetRequiredService<IOptionsMonitor<SessionTicketOptions>>().Get(Name).SessionsName)
            : null;

    private async Task<SessionTicketRequest?> RequestOfAsync(HttpContext context)
    {
        await context.AuthenticateAsync(Name);
        var options = context.RequestServices.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(Name);
        return options.SessionStore is SessionTicketStore store ? SessionTicketRequest.Of(context, store) : null;
    }
}
