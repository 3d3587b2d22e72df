using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SessionStores.AspNetCore;

/// <summary>Sends the key of the stored ticket where the cookie handler would send the key that the request brought.</summary>
internal sealed class SessionTicketCookies(ICookieManager inner, CookieAuthenticationOptions options, SessionTicketStore store) : ICookieManager
{
    /// <summary>The claim of the protected cookie that has the key; the handler's own name for it.</summary>
    private const string KeyClaim = "Microsoft.AspNetCore.Authentication.Cookies-SessionId";

    public string? GetRequestCookie(HttpContext context, string key) => inner.GetRequestCookie(context, key);

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) => inner.DeleteCookie(context, key, options);

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions cookieOptions)
    {
        if (value is not null && key == options.Cookie.Name && SessionTicketRequest.Of(context, store).NewKey is { } newKey)
            value = WithKey(context, value, newKey);

        inner.AppendResponseCookie(context, key, value, cookieOptions);
    }

    private string WithKey(HttpContext context, string value, string newKey)
    {
        var binding = context.Features.Get<ITlsTokenBindingFeature>()?.GetProvidedTokenBindingId() is { } id ? Convert.ToBase64String(id) : null;
        var ticket = options.TicketDataFormat.Unprotect(value, binding)
            ?? throw new InvalidOperationException("The sign-in cookie that was just protected cannot be read. Is CookieAuthenticationOptions.TicketDataFormat able to read what it writes?");
        var claim = ticket.Principal.Claims.First(each => each.Type == KeyClaim);
        var identity = new ClaimsIdentity([new Claim(claim.Type, newKey, claim.ValueType, claim.Issuer)], ticket.Principal.Identity?.AuthenticationType);
        return options.TicketDataFormat.Protect(new AuthenticationTicket(new ClaimsPrincipal(identity), null, ticket.AuthenticationScheme), binding);
    }
}
