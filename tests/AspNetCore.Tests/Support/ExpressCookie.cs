namespace SessionStores.AspNetCore.Tests;

/// <summary>The cookie of express-session where nothing else is said. It works over plain HTTP.</summary>
internal static class ExpressCookie
{
    public static void UseExpressCookie(this SessionStoresOptions options) =>
        (options.Cookie.Secure, options.Cookie.SameSite) = (SessionCookieSecurity.Never, SessionSameSite.Unset);
}
