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
    public async Task<string?> KeyOfAsync(HttpContext context)
    {
        await context.AuthenticateAsync(Name);
        var options = context.RequestServices.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(Name);
        return options.SessionStore is SessionTicketStore store ? SessionTicketRequest.Of(context, store).Key : null;
    }
}
