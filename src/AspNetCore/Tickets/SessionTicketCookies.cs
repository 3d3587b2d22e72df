using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;

namespace SessionStores.AspNetCore;

/// <summary>Sends the key of the stored ticket where the cookie handler would send the key that the request brought, and ends at a sign-out the
/// tickets that the handler does not see. The cookie has Secure where the session cookie has it.</summary>
internal sealed class SessionTicketCookies(ICookieManager inner, SessionTicketKeys keys, SessionTicketStore store, SessionSet set) : ICookieManager
{
    public string? GetRequestCookie(HttpContext context, string key) => inner.GetRequestCookie(context, key);

    /// <summary>The handler deletes its cookie only at a sign-out. It does not wait here, and has removed only a ticket that it could read.</summary>
    public void DeleteCookie(HttpContext context, string key, CookieOptions options)
    {
        inner.DeleteCookie(context, key, options);
        if (key == keys.CookieName && SessionTicketRequest.Of(context, store).TakeBrought(keys.Of(context)) is { Count: > 0 } brought)
            context.Response.OnStarting(() => store.RemoveAsync(brought, context));
    }

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions cookieOptions)
    {
        if (value is not null && key == keys.CookieName && SessionTicketRequest.Of(context, store).NewKey is { } newKey)
            value = keys.WithKey(context, value, newKey);

        if (key == keys.CookieName && keys.SecurePolicy == CookieSecurePolicy.SameAsRequest)
            Secure(context, cookieOptions);

        inner.AppendResponseCookie(context, key, value, cookieOptions);
    }

    /// <summary>The default of the handler, SameAsRequest, is stricter where the session cookie is. Other policies are the application's choice.</summary>
    private void Secure(HttpContext context, CookieOptions cookie)
    {
        var isSecureRequest = SecureRequest.IsSecure(context, set.Options.Proxy);
        cookie.Secure |= set.DefaultCookieOptions(context).IsSecureFor(isSecureRequest);
        if (cookie.Secure && !isSecureRequest)
            Log.InsecureSignIn(set.Logger);
    }
}
