using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace SessionStores.AspNetCore;

/// <summary>Reads and writes the keys of tickets in the cookies of a scheme.</summary>
internal sealed class SessionTicketKeys(CookieAuthenticationOptions options)
{
    /// <summary>The claim of the protected cookie that has the key; the handler's own name for it.</summary>
    private const string KeyClaim = "Microsoft.AspNetCore.Authentication.Cookies-SessionId";

    /// <summary>How many keys of a request are read, as many as ids of sessions.</summary>
    private const int MaxKeys = 4;

    public string? CookieName => options.Cookie.Name;

    public CookieSecurePolicy SecurePolicy => options.Cookie.SecurePolicy;

    /// <summary>Returns the keys that the request brought, in every cookie of the scheme's name; the handler itself reads only the last cookie.
    /// A browser keeps cookies of one name for different paths and domains, and one of them can have been planted.</summary>
    public IReadOnlyList<string> Of(HttpContext context)
    {
        if (!CookieHeaderValue.TryParseList(context.Request.Headers.Cookie, out var cookies))
            return [];

        var binding = Binding(context);
        return [.. cookies
            .Where(cookie => cookie.Name == CookieName)
            .Reverse()
            .Select(cookie => KeyIn(cookie.Value.Value, binding))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .Take(MaxKeys)];
    }

    /// <summary>Returns a protected cookie with another key.</summary>
    public string WithKey(HttpContext context, string value, string newKey)
    {
        var binding = Binding(context);
        var ticket = options.TicketDataFormat.Unprotect(value, binding)
            ?? throw new InvalidOperationException("The sign-in cookie that was just protected cannot be read. Is CookieAuthenticationOptions.TicketDataFormat able to read what it writes?");
        var claim = ticket.Principal.Claims.First(each => each.Type == KeyClaim);
        var identity = new ClaimsIdentity([new Claim(claim.Type, newKey, claim.ValueType, claim.Issuer)], ticket.Principal.Identity?.AuthenticationType);
        return options.TicketDataFormat.Protect(new AuthenticationTicket(new ClaimsPrincipal(identity), null, ticket.AuthenticationScheme), binding);
    }

    /// <summary>Sends the browser its cookie again, as the handler would, where <see cref="SessionTicketCookies"/> puts the new key into it.</summary>
    public void SendAgain(HttpContext context, AuthenticationProperties ticket)
    {
        var cookie = options.Cookie.Build(context);
        cookie.Expires = ticket.IsPersistent ? ticket.ExpiresUtc : null;
        options.CookieManager.AppendResponseCookie(context, CookieName!, options.CookieManager.GetRequestCookie(context, CookieName!), cookie);
    }

    private string? KeyIn(string? value, string? binding) =>
        options.TicketDataFormat.Unprotect(value, binding)?.Principal.Claims.FirstOrDefault(claim => claim.Type == KeyClaim)?.Value;

    private static string? Binding(HttpContext context) =>
        context.Features.Get<ITlsTokenBindingFeature>()?.GetProvidedTokenBindingId() is { } id ? Convert.ToBase64String(id) : null;
}
