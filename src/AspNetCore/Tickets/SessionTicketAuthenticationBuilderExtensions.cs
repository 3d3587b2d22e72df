using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionStores;
using SessionStores.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps the sign-ins of cookie authentication in a session store.</summary>
public static class SessionTicketAuthenticationBuilderExtensions
{
    /// <summary>Keeps the tickets of a cookie scheme in the store of <c>AddSessionStores</c>, so that the browser has only a key and
    /// sign-ins can be listed and ended by user.</summary>
    /// <param name="builder">The authentication of the application.</param>
    /// <param name="scheme">The scheme given to <c>AddCookie</c>.</param>
    /// <param name="configure">Changes the options.</param>
    public static AuthenticationBuilder AddSessionTickets(
        this AuthenticationBuilder builder,
        string scheme = CookieAuthenticationDefaults.AuthenticationScheme,
        Action<SessionTicketOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(scheme);

        var options = new SessionTicketOptions();
        configure?.Invoke(options);
        builder.Services.AddDataProtection();
        builder.Services.AddOptions<CookieAuthenticationOptions>(scheme).Configure<IServiceProvider>((cookie, services) =>
            cookie.SessionStore = new SessionTicketStore(
                options.SessionsName.Length == 0 ? services.GetRequiredService<ISessionStore>() : services.GetRequiredKeyedService<ISessionStore>(options.SessionsName),
                services.GetRequiredService<IDataProtectionProvider>(),
                services.GetRequiredService<TimeProvider>(),
                options,
                services.GetRequiredService<ILoggerFactory>().CreateLogger("SessionStores.AspNetCore")));
        return builder;
    }
}
